# A PIN pad beside the glass: whoever types on it does everything that the keys on the glass do.

A card is activated with the pad alone
    given   issued
    given   a PIN pad
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Review.activate
    then    the pad is dark and empty
    tap     proceed
    see     EnterPin.new                请在密码键盘上输入 | 'filled': 0 | 'keypad': 'pad'
    press   940
    see     EnterPin.new                'filled': 3
    press   275
    see     EnterPin.new                'filled': 6
    press   enter
    see     EnterPin.repeat             再输入一遍 | 'filled': 0
    press   940275 enter
    see     Result.activated            激活好了
    then    the chip has PIN 940275
    then    VERIFY was sent 1 time
    then    the pad is dark and empty

A weak PIN is refused, and two that differ
    given   locked_pin
    given   a PIN pad
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
    press   123456 enter
    see     EnterPin.new                'problem': 'initial' | 'keypad': 'pad'
    press   940275 enter
    see     EnterPin.repeat
    press   940276 enter
    see     EnterPin.new                'problem': 'different' | 两次不一样
    press   94
    see     EnterPin.new                'problem': None
    press   0275 enter
    see     EnterPin.repeat
    press   940275 enter
    see     Result.pin_reset
    then    the chip has PIN 940275

A wrong old PIN
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    press   000001 enter
    see     EnterPin.current            还可以试 5 次 | 'keypad': 'pad'
    then    VERIFY was sent 1 time
    press   729416 enter
    see     EnterPin.new
    press   940275 enter
    see     EnterPin.repeat
    press   940275 enter
    see     Result.pin_changed
    then    the chip has PIN 940275

The green key wants all six, the yellow one begins again
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    press   7294
    see     EnterPin.current            'filled': 4
    press   enter
    wait    1
    press   clear
    see     EnterPin.current            'filled': 0
    then    VERIFY was sent 0 times
    press   729416 enter
    see     EnterPin.new

The red key takes back what was typed, then ends the visit
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    press   7294
    press   cancel
    see     EnterPin.current            'filled': 0
    then    VERIFY was sent 0 times
    press   cancel
    see     TakeCard
    then    nothing was changed
    then    the pad is dark and empty
    then    the card is free
    do      pull card
    see     Goodbye
    see     Attract

The pad is unplugged in the middle: the glass takes over, empty
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    press   7294
    do      unplug pin pad
    wait    1
    see     EnterPin.current            密码键盘没有反应了，请在屏幕上从头输 | 'filled': 0 | 'keypad': 'glass_instead'
    then    the pad is dark and empty
    type    7
    see     EnterPin.current            'keypad': 'glass' | 'filled': 1
    type    29416
    tap     proceed
    see     EnterPin.new                'keypad': 'glass'
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    tap     proceed
    see     Result.pin_changed
    then    the chip has PIN 940275
    then    VERIFY was sent 2 times

The pad was unplugged before, or opened
    given   active
    given   a PIN pad
    see     Attract
    do      open pin pad
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    wait    1
    see     EnterPin.current            'keypad': 'glass_instead'
    type    729416
    tap     proceed
    see     EnterPin.new                'keypad': 'glass'

Who rather types on the glass does so for the whole visit, and the next citizen has the pad again
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    press   729
    tap     glass
    wait    1
    see     EnterPin.current            'keypad': 'glass' | 'filled': 0
    then    the pad is dark and empty
    type    729416
    tap     proceed
    see     EnterPin.new                'keypad': 'glass'
    tap     finish
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current            'keypad': 'pad'

The card is pulled while digits are typed
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    press   7294
    do      pull card
    see     Refusal.not_changed
    then    the pad is dark and empty
    then    nothing was changed
    then    VERIFY was sent 0 times

Typing on the pad is being there: the warning goes, and what was typed stays
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    wait    40
    press   72
    wait    40
    see     EnterPin.current            'filled': 2
    see     StillThere
    press   9
    see     EnterPin.current            'filled': 3
    press   416 enter
    see     EnterPin.new

Who walks away from the pad leaves nothing in it
    given   active
    given   a PIN pad
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     EnterPin.current
    press   7294
    see     StillThere
    see     TakeCard
    then    the pad is dark and empty
    then    VERIFY was sent 0 times

Forgotten: the pad goes dark, and a new password is set with the ID card
    given   active
    given   a PIN pad
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current            'keypad': 'pad' | 'or_reset': True
    press   12
    see     EnterPin.current            'filled': 2 | 'or_reset': True
    tap     reset
    see     LayIdCard
    then    the pad is dark and empty
    do      lay id
    see     Review.reset
    tap     proceed
    see     EnterPin.new                'keypad': 'pad' | 'or_reset': False

The pad fails, and it is forgotten all the same
    given   active
    given   a PIN pad
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current            'keypad': 'pad'
    do      unplug pin pad
    see     EnterPin.current            'keypad': 'glass_instead' | 'or_reset': True
    tap     reset
    see     LayIdCard
