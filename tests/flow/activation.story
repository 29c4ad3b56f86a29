# Activation of a new card, and every way it can end.

Activated with the ID card
    given   issued
    see     Attract                     请插入社保卡
    tap     activate
    see     InsertCard                  请插入社保卡
    do      insert card
    see     LayIdCard                   把身份证平放在  出示手机上的医保码
    do      lay id
    see     Review.activate             王**  410***********
    not     王秀英
    tap     proceed
    see     EnterPin.new                设一个 6 位密码
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    tap     proceed
    see     Result.activated            激活好了  凭条已打印
    slip    社保卡激活凭条 | 王** | 激活好了 | 密码也设好了 | 现在就能用
    tap     proceed
    see     TakeCard.slip_id_card       请取走卡
    do      pull card
    see     Goodbye
    see     Attract
    then    the insurer says active
    then    the chip has PIN 580274
    then    nothing is open in the journal
    then    VERIFY was sent 1 time

Another terminal was quicker: the insurer refuses, and nothing is told as done
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review.activate
    tap     proceed
    see     EnterPin.new
    type    580274
    do      activate elsewhere
    tap     proceed
    see     EnterPin.repeat
    type    580274
    tap     proceed
    see     Refusal.insurer_refused     社保中心没有同意办
    do      pull card
    see     Goodbye
    see     Attract
    then    the chip has PIN 123456
    then    nothing is open in the journal
    then    VERIFY was sent 0 times

Card first, then chosen from the menu, with the e-credential
    given   issued_ecredential
    see     Attract
    do      insert card
    see     Menu                        李**
    tap     activate
    see     LayIdCard
    tap     credential
    see     ShowCode                    把医保码对准
    do      show code
    see     Review.activate             李**
    tap     proceed
    see     EnterPin.new
    type    947183
    tap     proceed
    see     EnterPin.repeat
    type    947183
    tap     proceed
    see     Result.activated
    then    the insurer says active
    then    the chip has PIN 947183
    do      pull card
    see     Goodbye
    see     Attract

The chip of the third generation wants SM4 and a read key
    given   sm4_issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    tap     proceed
    see     Result.activated
    then    the chip has PIN 580274

Weak passwords are refused with the reason, and the two must agree
    given   issued
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
    see     EnterPin.new                'problem': 'initial'
    type    111222
    tap     proceed
    see     EnterPin.new                'problem': 'repeats'
    type    480309
    tap     proceed
    see     EnterPin.new                'problem': 'personal'
    type    850612
    tap     proceed
    see     EnterPin.new                'problem': 'date'
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580275
    tap     proceed
    see     EnterPin.new                'problem': 'different'
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    tap     proceed
    see     Result.activated

The card leaves before the chip is written: activated, password not set
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      pull card at apdu:82
    tap     proceed
    see     PartialResult.activated_without_pin    卡激活了  密码没有设好  再插一次卡
    not     激活好了
    slip    密码没有设好 | 卡已激活 | 设好密码就能用 | 再到机器上插卡
    then    the insurer says active
    then    the chip has PIN 123456
    then    VERIFY was sent 0 times
    tap     proceed
    see     Goodbye
    see     Attract

The card leaves while the chip is written: activated, and the password may or may not be set
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      pull card at answer:24
    tap     proceed
    see     PartialResult.activated_pin_unproved    卡激活了  没有确认  再插一次卡
    not     激活好了
    not     没有设好
    not     还没设好
    slip    密码没有确认 | 卡已激活 | 再到机器上插卡
    then    the insurer says active
    then    the chip has PIN 580274
    then    VERIFY was sent 0 times
    tap     proceed
    see     Goodbye
    see     Attract

The card leaves before anything is sent
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      pull card
    see     Refusal.not_changed         什么都没有改变
    no      slip
    then    nothing was changed
    tap     proceed
    see     Goodbye
    see     Attract

Another card is in the slot when it counts
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      swap card active
    see     Refusal.not_changed
    then    nothing was changed

The network is cut before the request: nothing happened
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      cut network
    tap     proceed
    see     Refusal.insurer_down        现在连不上社保中心  什么都没有改变
    then    nothing was changed
    then    nothing is open in the journal

The answer is lost, and found by asking
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      drop next reply
    tap     proceed
    see     Working.confirming          不会重复办理
    see     Result.activated
    then    the insurer says active
    then    nothing is open in the journal

The answer is lost and nobody can say: never success, never failure
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      drop next reply
    do      fail outcome lose
    tap     proceed
    see     BeingChecked.activate       激活结果正在核对  密码没有设  一小时后  K000001
    not     激活好了
    not     什么都没有改变
    slip    结果正在核对 | 还不知道卡激活了没有 | 密码没有设 | 重置或修改密码 | 王** | K000001
    then    1 open in the journal
    tap     proceed
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract
    # the same card again, while it is still unknown
    tap     activate
    do      restore network
    do      fail outcome lose
    see     InsertCard
    do      insert card
    see     Refusal.already_active      还没设过密码 | 'id': 'reset'
    then    the insurer says active
    then    the chip has PIN 123456
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review

Whoever comes back too soon, while the line is still down, does not hear that nothing was changed
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      drop next reply
    do      fail outcome lose
    tap     proceed
    see     BeingChecked.activate
    tap     proceed
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract
    do      cut network
    do      insert card
    see     Refusal.being_checked       不要重复办理  上次的凭条或编号
    not     什么都没有改变
    then    1 open in the journal

What the slip of an activation that is being checked advises leads to a password
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      drop next reply
    do      fail outcome lose
    tap     proceed
    see     BeingChecked.activate
    tap     proceed
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract
    do      restore network
    wait    3600
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review.reset
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    tap     proceed
    see     Result.pin_reset            新密码设好了
    then    the chip has PIN 940275

Paper is out: the result stands, the code is on the screen
    given   issued
    given   no paper
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    tap     proceed
    see     Result.activated            激活好了  YB1.
    no      slip
    then    the insurer says active
    do      refill paper
    wait    30
    no      slip

Active already: the balance is offered
    given   active
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.already_active      已经激活  balance
    tap     balance
    see     EnterPin.current

In the making
    given   in_making
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.in_making           卡还在制作中  12333
    then    nothing was changed

Temporarily lost
    given   temporarily_lost
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.temporarily_lost    解除挂失
    then    nothing was changed

Lost
    given   lost
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.lost                补一张新卡
    then    nothing was changed

Cancelled
    given   cancelled
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.cancelled

Sealed
    given   sealed
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.sealed

Unknown to the insurer
    given   unknown
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.unknown_card        卡没有坏

Issued in another city
    given   other_region
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.other_region

A child's card goes to the counter
    given   minor
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.minor               监护人
    then    nothing was changed

The ID card is a neighbour's, then one's own
    given   id_mismatch
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     LayIdCard.number_differs    请放持卡人本人的身份证
    not     张建国
    do      lift id
    tap     finish
    see     TakeCard
    do      pull card
    see     Goodbye

Somebody came for somebody else: the other's ID card once more
    given   id_mismatch
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     LayIdCard.number_differs    请放持卡人本人的身份证
    do      lift id
    do      lay id
    see     Refusal.not_the_holder      请持卡人本人来，或到窗口代办  两个人的身份证、委托书  R11
    then    nothing was changed

The ID card has expired
    given   expired_id
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     LayIdCard.expired
    then    nothing was changed

Names with rare characters, dots and great length are the same on card and document
    given   rare_name
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review                      罗**

A name with a middle dot
    given   minority_name
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review

A name too long for the ID card
    given   long_name
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review

The code has expired, is a payment code, is somebody else's
    given   issued_ecredential
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     credential
    see     ShowCode
    do      show expired code
    see     ShowCode.expired
    do      hide code
    do      show payment code
    see     ShowCode.payment_code       这里不收钱
    do      hide code
    do      show code
    see     Review

Back from the code to the ID card
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     credential
    see     ShowCode                    改用身份证
    tap     id_card
    see     LayIdCard
    do      lay id
    see     Review

Where the counter resets passwords, nobody is sent back to a terminal for it
    given   issued
    given   reset at the counter
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      pull card at apdu:82
    tap     proceed
    see     PartialResult.activated_without_pin.at_counter    卡激活了  密码没有设好  到窗口设密码
    not     用身份证重新设
    slip    密码没有设好 | 带身份证和社保卡 | 到窗口设密码
    tap     proceed
    see     Goodbye
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.already_active.at_counter    请到窗口设
    not     重置或修改密码

Being checked where the counter resets passwords
    given   issued
    given   reset at the counter
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    do      drop next reply
    do      fail outcome lose
    tap     proceed
    see     BeingChecked.activate.at_counter    到窗口设密码
    slip    到窗口

A card that does not accept the centre's keys is active, and its password is set at the counter
    given   issued
    given   the chip has other keys
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    580274
    tap     proceed
    see     EnterPin.repeat
    type    580274
    tap     proceed
    see     PartialResult.activated_without_pin.at_counter    卡激活了    到窗口设密码
    not     再插一次卡
    slip    密码没有设好 | 到窗口设密码
    then    the insurer says active
    then    the chip has PIN 123456
