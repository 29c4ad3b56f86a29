# What is said and when. Speech is off until the citizen turns it on, and off again for the next one.

Silence is what the hall begins with
    given   issued
    given   a voice
    see     Attract
    quiet
    tap     activate
    see     InsertCard
    wait    3
    unheard 社保卡

An activation, all of it heard
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    hear    请插入社保卡 | 插卡时芯片朝上 | 这里可以办 | 激活社保卡 | 查询、打印余额
    tap     activate
    see     InsertCard
    hear    请插入社保卡 | 芯片朝上，向前推到底，听到嘀的一声就好了
    do      insert card
    sound   read
    see     LayIdCard
    hear    把身份证平放在发光的感应区 | 约两秒读完 | 没带身份证？ | 出示手机上的医保码
    do      lay id
    sound   read
    see     Review.activate
    hear    请核对，然后激活 | 接下来设一个六位密码 | 什么时候生效 | 银行功能 | 请按 | 没错，激活
    unheard 王
    tap     proceed
    see     EnterPin.new
    hear    设一个六位密码 | 不要用生日、幺二三四五六这类数字 | 一样排
    type    802613
    sound   key
    tap     proceed
    see     EnterPin.repeat
    hear    再输入一遍
    type    802613
    tap     proceed
    see     Result.activated
    sound   done
    hear    激活好了 | 密码也设好了 | 凭条已打印，请取走 | 办理编号 | 请按 | 好了
    unheard 八零二六
    unheard 王
    listen  private
    hear    社保卡激活凭条 | 王某某 | 卡号尾号 | 密码不要告诉别人
    tap     proceed
    see     TakeCard
    hear    请取走卡
    do      pull card
    see     Goodbye
    hear    谢谢，请慢走
    see     Attract
    quiet

A weak password: the reason first
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    123456
    tap     proceed
    see     EnterPin.new                初始密码
    sound   warning
    hear    这是初始密码，人人都知道，换一个吧 | 设一个六位密码
    unheard 一二三四五六

The ID card of somebody else
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay other id
    see     LayIdCard.number_differs
    sound   warning
    hear    身份证号和社保卡不一样 | 请放持卡人本人的身份证

Nobody answers
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    see     Attract
    tap     activate
    see     InsertCard
    wait    61
    see     StillThere
    sound   warning
    hear    您还在办吗？ | 三十秒后自动结束 | 我还在，继续
    tap     proceed
    see     InsertCard
    hear    请插入社保卡

Another language in the middle
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    see     Attract
    tap     activate
    see     InsertCard
    hear    请插入社保卡
    tap     language:en
    hear    Insert your card | until it beeps

A finger silences it, and it can be heard once more
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    hear    请插入社保卡
    do      put a finger down
    quiet
    listen  again
    hear    请插入社保卡

Louder and slower
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    hear    请插入社保卡
    tap     volume:full
    hear    请插入社保卡
    tap     rate:slow
    hear    请插入社保卡
    tap     speech:off
    quiet
    listen  again
    quiet

A balance is said when it is asked for, and not before
    given   active
    given   a voice
    see     Attract
    tap     speech:on
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance.hidden
    hear    余额已查到 | 显示金额
    unheard 七二九
    unheard 张
    tap     show
    see     Balance
    hear    个人账户余额
    wait    30
    unheard 元
    listen  private
    hear    医疗保险 | 元 | 截至
    tap     movements
    see     Movements
    wait    30
    unheard 月初余额
    listen  private
    hear    月初余额 | 现在余额

A voice that hangs is not offered any more, and nobody waits for it
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    hear    请插入社保卡
    do      break the voice
    tap     activate
    see     InsertCard
    wait    11
    then    no voice is offered
    do      insert card
    see     LayIdCard

Turned on while the terminal works, and off at the end
    given   issued
    given   a voice
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    802613
    tap     proceed
    see     EnterPin.repeat
    type    802613
    tap     proceed
    see     Working.activating
    tap     speech:on
    hear    正在激活
    see     Result.activated
    hear    激活好了
    tap     proceed
    see     TakeCard
    hear    请取走
    tap     speech:off
    see     TakeCard
    quiet
    do      pull card
    see     Goodbye
    see     Attract
    unheard 谢谢，请慢走

Where nobody heeds it the voice is not offered
    given   issued
    given   a voice
    see     Attract
    then    the voice key stands there
    do      unplug card reader
    see     OutOfOrder
    then    the voice key does not stand there

While another waits, the key is called by the name that stands on it
    given   cancelled
    given   a voice
    given   no paper
    see     Attract
    tap     speech:on
    hear    请插入社保卡
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.cancelled           'slip': 'on_screen'
    hear    知道了
    do      pull card
    do      swap card active
    wait    5
    then    somebody is seen to wait
    listen  again
    hear    这张卡已经注销 | 拍好了，下一位
    tap     language:en
    see     Refusal.cancelled
    hear    This card was cancelled | Next person
    unheard I understand
