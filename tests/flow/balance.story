# Balance and movements.

Card and password, shown, printed
    given   active
    see     Attract
    tap     balance
    see     InsertCard                  出示手机上的医保码
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance.hidden              余额已查到
    not     ¥
    tap     show
    see     Balance                     个人账户余额
    tap     print
    see     Result.printed
    slip    个人账户余额凭条 | 职工基本医疗保险 | 张**
    tap     proceed
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract
    then    nothing was changed
    then    VERIFY was sent 1 time

Month by month
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    tap     movements
    see     Movements                   2026 年 11 月
    tap     older
    see     Movements                   2026 年 10 月
    tap     newer
    see     Movements                   2026 年 11 月
    tap     back
    see     Balance
    tap     movements
    see     Movements
    tap     print
    see     Result.printed
    slip    2026 年 11 月收支（元） | 现在余额

With the e-credential and no card
    given   active_retired
    see     Attract
    tap     balance
    see     InsertCard
    tap     credential
    see     ShowCode                    改插社保卡
    do      show code
    see     Balance                     刘**
    tap     finish
    see     Goodbye
    see     Attract
    no      slip

From the code back to the card
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    tap     credential
    see     ShowCode
    tap     card
    see     InsertCard
    do      insert card
    see     EnterPin.current

Two insurances add up on the slip
    given   two_insurances
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    tap     print
    see     Result.printed
    slip    职工基本医疗保险 | 公务员医疗补助 | 合计

Where there are two insurances, a month says of which one it is
    given   two_insurances
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    tap     movements
    see     WhichAccount                看哪个账户的收支
    tap     310
    see     Movements       职工基本医疗保险
    tap     print
    see     Result.printed
    slip    公务员医疗补助 | 合计 | 2026 年

Where there are two insurances, the months of each can be seen and printed
    given   two_insurances
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    tap     movements
    see     WhichAccount                '310', '320'
    tap     310
    see     Movements                   'insurance': '310'
    tap     older
    see     Movements                   2026 年 10 月  'insurance': '310'
    tap     back
    see     WhichAccount
    tap     320
    see     Movements                   2026 年 11 月  'insurance': '320' | 公务员医疗补助
    tap     back
    see     WhichAccount
    tap     back
    see     Balance
    tap     movements
    see     WhichAccount
    tap     320
    see     Movements
    tap     print
    see     Result.printed
    slip    2026 年 11 月收支 | 这个月没有收支

An account of which the centre keeps no months: the other one can still be seen
    given   two_insurances
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    do      close account 320
    tap     movements
    see     WhichAccount
    tap     320
    see     WhichAccount.not_found      没有收支明细
    tap     310
    see     Movements                   'insurance': '310'
    tap     back
    see     WhichAccount
    not     没有收支明细

Nobody insured
    given   not_insured
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Refusal.not_insured

Taking the card clears the balance at once
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    tap     show
    see     Balance
    do      pull card
    see     Goodbye
    see     Attract

No paper: on the screen only
    given   active
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance                     'can_print': False

The printer jams half-way
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    do      jam printer
    tap     print
    see     Result.shown                没有打印出来  YB1.
    not     凭条打印好了
    no      slip

A card of another city is told where it is served, whatever was wanted
    given   other_region
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.other_region        要到发卡的城市去办
    not     激活和密码

A card that is still being made cannot be used yet, whatever was wanted
    given   in_making
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.in_making           现在还不能用
    not     还不能激活

A card that is to be unlocked for reading and refuses the key is no card to rub
    given   sm4_card
    given   the chip has other keys
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     InsertCard.needs_key    到窗口    卡没有坏
    not     软布

Not active yet: activated, and on to the balance with the card still in and no password asked again
    given   issued
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.not_active
    tap     activate
    see     LayIdCard
    do      lay id
    see     Review.activate
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    tap     proceed
    see     Result.activated            接着查余额  'go_on': { | 不用了，取卡
    slip    社保卡激活凭条
    tap     balance
    see     Balance.hidden              余额已查到
    then    VERIFY was sent 1 time
    tap     print
    see     Result.printed
    not     'go_on': {
    slip    个人账户余额凭条
    tap     proceed
    see     TakeCard
    then    the card is free
    do      pull card
    see     Goodbye
    see     Attract

A locked password: set anew, and on to the balance
    given   locked_pin
    see     Attract
    do      insert card
    see     Menu
    tap     balance
    see     Refusal.pin_locked
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
    see     Result.pin_reset            接着查余额  'go_on': {
    tap     balance
    see     Balance.hidden
    then    VERIFY was sent 1 time
    do      pull card                   # what was done stays done: no word of a card that left too early
    see     Goodbye
    see     Attract

Set anew before the last try, and no balance wanted any more
    given   one_try_left
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     LastTry
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
    see     Result.pin_reset            接着查余额  'go_on': {
    tap     proceed
    see     TakeCard
    then    the card is free
    do      pull card
    see     Goodbye

Who takes the card from the result has finished
    given   locked_pin
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.pin_locked
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
    see     Result.pin_reset            接着查余额  'go_on': {
    do      pull card
    see     Goodbye
    see     Attract

The slip is a code on the screen: whoever takes the card and goes on is asked for card and password again
    given   locked_pin
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.pin_locked
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
    see     Result.pin_reset            拍下这个码  接着查余额  'go_on': {
    do      pull card
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    940275
    tap     proceed
    see     Balance.hidden

While another's card waits, nobody goes on with it: what the next errand would want is not there
    given   locked_pin
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.pin_locked
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
    see     Result.pin_reset            拍下这个码  接着查余额  'go_on': {
    do      pull card
    do      swap card active
    wait    5
    then    somebody is seen to wait
    not     'go_on': {
    tap     balance
    wait    1
    then    Result stands
    do      pull card
    wait    1
    then    nobody is seen to wait
    see     Result.pin_reset            接着查余额  'go_on': {
    do      swap card active
    wait    5
    then    somebody is seen to wait
    tap     proceed
    see     Menu                        张**

Pulled while it goes on: the password is set, so nothing is told of a card that left too early
    given   locked_pin
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.pin_locked
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
    see     Result.pin_reset
    tap     balance
    wait    0.5
    do      pull card
    see     Goodbye
    see     Attract

Whoever came to set a password is not led to a balance
    given   locked_pin
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.locked
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
    see     Result.pin_reset
    not     'go_on': {
