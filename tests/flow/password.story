# The card's password: reset, change, and every way they can end.

A locked password is reset with the ID card
    given   locked_pin
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.locked             密码锁住了
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review.reset                旧密码会作废
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    tap     proceed
    see     Result.pin_reset            新密码设好了
    slip    社保卡密码重置凭条 | 新密码设好了 | 旧密码不再有效
    then    the chip has PIN 940275
    then    VERIFY was sent 1 time
    then    nothing is open in the journal
    tap     proceed
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract

A forgotten password
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin                    还记得现在的密码吗
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
    then    the chip has PIN 940275

Change with the old one
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current            输入现在的密码
    type    729416
    tap     proceed
    see     EnterPin.new
    type    729416
    tap     proceed
    see     EnterPin.new                'problem': 'old'
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    tap     proceed
    see     Result.pin_changed          密码改好了
    slip    社保卡密码修改凭条
    then    the chip has PIN 940275

A wrong old one: tries left are shown, and the last try is asked about
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    type    000001
    tap     proceed
    see     EnterPin.current            还可以试 5 次
    type    000002
    tap     proceed
    see     EnterPin.current            还可以试 4 次
    type    000003
    tap     proceed
    see     EnterPin.current            还可以试 3 次
    type    000004
    tap     proceed
    see     EnterPin.current            还可以试 2 次
    type    000005
    tap     proceed
    see     LastTry                     只剩最后一次机会
    then    1 tries are left
    then    VERIFY was sent 5 times
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review.reset
    then    1 tries are left

The last try is wrong too
    given   one_try_left
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     LastTry
    tap     proceed
    see     EnterPin.current
    type    000001
    tap     proceed
    see     Refusal.pin_locked          密码锁住了
    then    0 tries are left
    tap     reset
    see     LayIdCard

The office wants resets at the counter
    given   locked_pin
    given   reset at the counter
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.locked
    tap     reset
    see     Refusal.reset_at_counter    重设密码请到窗口  身份证

Not active yet: activation is offered
    given   issued
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     Refusal.not_active          还没激活
    tap     activate
    see     LayIdCard

The card leaves after the command and before its proof
    given   locked_pin
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.locked
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    do      pull card at apdu:20
    tap     proceed
    see     PartialResult.pin_unproved  没有确认
    not     新密码设好了
    not     什么都没有改变
    slip    密码没有确认

The card comes back with a password that it never proved
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin                    还记得现在的密码吗
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    do      pull card at apdu:20
    tap     proceed
    see     PartialResult.pin_unproved  没有确认
    tap     proceed
    see     Goodbye
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.unproved           先试新的
    tap     change
    see     EnterPin.current
    type    940275
    tap     proceed
    see     EnterPin.new
    then    nothing is open in the journal
    tap     finish
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract

The card leaves before the command
    given   locked_pin
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.locked
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    do      pull card at apdu:82
    tap     proceed
    see     Refusal.not_changed
    then    the chip has not PIN 940275

The insurer cannot note it: the new password works all the same
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    type    729416
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    do      cut network
    tap     proceed
    see     PartialResult.pin_set_unrecorded    卡里的新密码有效
    not     什么都没有改变
    slip    社保中心还没有确认登记
    then    the chip has PIN 940275

Without its ID reader the terminal says before the last try that it cannot reset
    given   one_try_left
    see     Attract
    do      unplug id reader
    wait    6
    tap     balance
    see     InsertCard
    do      insert card
    see     LastTry.no_reset            到窗口重新设 | 'can_reset': False
    not     用身份证重新设一个
    tap     proceed
    see     EnterPin.current
    type    000001
    tap     proceed
    see     Refusal.pin_locked_elsewhere    旁边的机器 | 'offer': None

A forgotten password without the ID reader: the tile says so, and tells where to go
    given   active
    see     Attract                     'partly': False
    do      unplug id reader
    wait    6
    see     Attract                     'partly': True
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin                    'can_reset': False
    tap     reset
    see     Refusal.device_down         旁边的机器或窗口 | 'slip_offered': True

A forgotten password where the counter resets: the tile says so from the beginning
    given   active
    given   reset at the counter
    see     Attract                     'partly': True
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin                    'can_reset': False
    tap     reset
    see     Refusal.reset_at_counter    重设密码请到窗口

A change that was not proved where the counter resets: nothing is advised that cannot be done
    given   active
    given   reset at the counter
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    type    729416
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    do      pull card at apdu:20
    tap     proceed
    see     PartialResult.pin_unproved.at_counter    到窗口设密码
    slip    密码没有确认 | 到窗口设密码

A card that does not accept the centre's keys: nobody is told to try again, for the card counts how often
    given   active
    given   the chip has other keys
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     reset
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
    see     Refusal.authority_refused    这张卡不能在这里设密码    什么都没有改变    窗口    C07
    not     再插一次
    slip    窗口交接单 | C07
    then    nothing was changed

Forgotten, and known at the first look: nothing need fail first
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current            忘记密码了 | 'or_reset': True
    tap     reset
    see     LayIdCard
    do      lay id
    see     Review.reset
    tap     proceed
    see     EnterPin.new                'or_reset': False
    type    940275
    tap     proceed
    see     EnterPin.repeat             'or_reset': False
    type    940275
    tap     proceed
    see     Result.pin_reset            'go_on': {
    then    VERIFY was sent 1 time
    then    the chip has PIN 940275
    tap     balance
    see     Balance.hidden
    then    VERIFY was sent 1 time

Asked to change it, and it will not come to mind after all
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current            'or_reset': True
    type    000001
    tap     proceed
    see     EnterPin.current            'problem': 'wrong' | 'or_reset': True
    type    729
    see     EnterPin.current            'filled': 3 | 'or_reset': True
    tap     reset
    see     LayIdCard
    then    VERIFY was sent 1 time
    then    5 tries are left

Forgotten after the last try was asked about
    given   one_try_left
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     LastTry
    tap     proceed
    see     EnterPin.current            'or_reset': True
    tap     reset
    see     LayIdCard
    then    1 tries are left

Said by mistake to be forgotten: back to the password, and the balance that was come for
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current            'or_reset': True
    type    729
    tap     reset
    see     LayIdCard                   返回，还用密码 | 'way_back': True
    tap     back
    see     EnterPin.current            'filled': 0 | 'or_reset': True
    type    729416
    tap     proceed
    see     Balance.hidden
    then    VERIFY was sent 1 time
    then    the chip has PIN 729416

No ID card at hand after all: back as often as one likes, and the tries that are left are still told
    given   one_try_left
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     LastTry
    tap     reset
    see     LayIdCard                   'way_back': True
    do      lay other id
    see     LayIdCard.number_differs    'way_back': True
    tap     back
    see     LastTry
    tap     reset
    see     LayIdCard                   'way_back': True
    tap     back
    see     LastTry
    tap     proceed
    see     EnterPin.current            'tries_left': 1
    then    1 tries are left

Asked to set a new one, and the old one comes to mind
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     reset
    see     LayIdCard                   'way_back': True
    tap     back
    see     KnowsPin
    tap     change
    see     EnterPin.current
    tap     reset
    see     LayIdCard                   'way_back': True
    tap     back
    see     KnowsPin

With a locked password there is nothing to go back to
    given   locked_pin
    see     Attract
    do      insert card
    see     Menu
    tap     balance
    see     Refusal.pin_locked
    tap     reset
    see     LayIdCard                   'way_back': False

Nor is there where the password service finds it locked
    given   locked_pin
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.locked
    tap     reset
    see     LayIdCard                   'way_back': False

Where passwords are reset at the counter only, nothing else is offered
    given   active
    given   reset at the counter
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current            'or_reset': False

Without an ID reader no password can be set anew here
    given   active
    see     Attract
    do      unplug id reader
    wait    6
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current            'or_reset': False

The ID reader fails while the password is asked for: why not, and where to go
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current            'or_reset': True
    do      unplug id reader
    wait    30
    tap     reset
    see     Refusal.device_down
