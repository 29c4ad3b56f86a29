# What ends or bends a visit from outside.

The wrong way round, then right
    given   issued
    see     Attract
    do      insert card wrong way
    see     InsertCard.wrong_way        卡好像放反了
    do      pull card
    do      insert card
    see     Menu                        王**

A card that the insurer does not know, put in first
    given   unknown
    see     Attract
    do      insert card
    see     Refusal.unknown_card        卡没有坏
    do      pull card
    see     Attract

The wrong way round and left, with Finish: it is given back like any other
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    then    the bar says only to end
    do      insert card wrong way
    see     InsertCard.wrong_way
    then    the bar says to take the card
    tap     finish
    see     TakeCard                    请取走您的卡
    wait    31
    then    a card left behind is noted
    wait    600
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract

The wrong way round and left, and nobody there any more
    given   issued
    given   a voice
    see     Attract
    tap     speech:on
    see     Attract
    do      insert card wrong way
    see     InsertCard.wrong_way
    then    the bar says to take the card
    wait    121
    see     StillThere                  请记得拔出您的卡
    wait    31
    see     TakeCard
    hear    请取走您的卡
    wait    6
    sound   warning
    do      pull card
    see     Attract

The wrong way round and taken out: the bar no longer asks for it
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card wrong way
    see     InsertCard.wrong_way
    do      pull card
    wait    1
    see     InsertCard.wrong_way
    then    the bar says only to end
    do      insert card
    see     LayIdCard
    then    the bar says to take the card

The wrong way round and left, while the phone serves instead
    given   active_retired
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card wrong way
    see     InsertCard.wrong_way
    tap     credential
    see     ShowCode
    then    the bar says to take the card
    tap     finish
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract

A reader that is lost with a card the wrong way round in it
    given   issued
    see     Attract
    do      insert card wrong way
    see     InsertCard.wrong_way
    do      unplug card reader
    see     Refusal.device_down
    wait    1
    tap     proceed
    see     OutOfOrder.card_in          请先取走您的卡

A bank's card
    given   issued
    see     Attract
    do      insert foreign card
    see     InsertCard.foreign          这不是社保卡
    do      pull card
    wait    1
    do      insert card
    see     Menu

Pulled while it is read
    given   issued
    see     Attract
    tap     balance
    see     InsertCard
    do      pull card at apdu:B2
    do      insert card
    see     InsertCard.left             什么都没有改变
    do      insert card
    see     Refusal.not_active

A mute chip
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      pull card at apdu:FF
    do      insert card
    see     LayIdCard

Finish gives the card back
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     finish
    see     TakeCard                    请取走您的卡
    then    the card is free
    then    nothing was changed
    do      pull card
    see     Goodbye
    see     Attract

Nobody there any more
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    wait    59
    see     LayIdCard
    wait    2
    see     StillThere                  您还在办吗
    tap     proceed
    see     LayIdCard
    wait    120                         # who had to say that they are there is given more time
    see     LayIdCard
    wait    25
    see     StillThere
    wait    31
    see     TakeCard
    then    the card is free
    then    nothing was changed

A card that is not taken is reminded of
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     finish
    see     TakeCard                    'reminder': 0
    wait    6
    see     TakeCard                    'reminder': 1

Language and size change at once and are forgotten afterwards
    given   issued
    see     Attract                     请插入社保卡
    tap     language:en
    see     Attract                     Insert your card
    tap     activate
    see     InsertCard                  Insert your card
    tap     size:large
    see     InsertCard
    tap     finish
    see     Goodbye                     Thank you
    see     Attract                     请插入社保卡

The centre does not answer
    given   issued
    given   no network
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.insurer_down        现在连不上社保中心
    then    nothing was changed

A tile that says no is not sold, and neither is one that was chosen a moment too early
    given   issued
    given   no network
    see     Attract
    wait    21
    see     Attract                     'available': 'no'
    tap     balance
    see     Refusal.insurer_down        现在连不上社保中心
    then    nothing was changed

What cannot be finished is not offered instead
    given   issued
    see     Attract
    do      unplug id reader
    do      unplug camera
    wait    6
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     Refusal.not_active_elsewhere    'offer': None

The camera stands in for the ID reader
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      unplug id reader
    do      insert card
    see     LayIdCard
    see     ShowCode.no_id_reader       身份证现在读不了  医保码对准摄像头  旁边的机器
    do      show code
    see     Review

The ID reader stands in for the camera
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      unplug camera
    tap     credential
    see     ShowCode
    see     LayIdCard.no_camera         摄像头没有反应  身份证放在感应区 | 'or_credential': False
    do      lay id
    see     Review

The card stands in for the camera
    given   active
    see     Attract
    tap     balance
    see     InsertCard                  'without_card': True
    do      unplug camera
    tap     credential
    see     ShowCode
    see     InsertCard.no_camera        摄像头没有反应  没带卡，请到旁边的机器 | 'without_card': False
    do      insert card
    see     EnterPin.current

A reset wants the ID card itself: no code stands in
    given   locked_pin
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin.locked
    do      unplug id reader
    tap     reset
    see     LayIdCard
    see     Refusal.device_down         什么都没有改变
    then    nothing was changed

Taken while something else was offered: the card is asked for again
    given   active
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.already_active
    do      pull card
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current

A bank's card that nobody takes is reminded of like any other
    given   issued
    see     Attract
    do      insert foreign card
    see     InsertCard.foreign
    wait    61
    see     StillThere
    wait    31
    see     TakeCard
    then    the card is free
    do      pull card
    see     Attract

A code that somebody left before the camera does not keep a visit alive
    given   issued_ecredential
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     credential
    see     ShowCode
    do      show payment code
    wait    170
    do      show payment code
    see     ShowCode.payment_code
    wait    15
    do      show payment code
    see     StillThere
    wait    31
    see     TakeCard
    then    nothing was changed

Another language is wanted while the terminal asks whether anybody is there
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    wait    61
    see     StillThere
    tap     language:en
    see     InsertCard                  Insert your card

The reader is lost with the card in it
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      unplug card reader
    see     Refusal.device_down         这台机器有个部件坏了
    then    nothing was changed
    tap     proceed
    see     OutOfOrder.card_in          请先取走您的卡
    wait    80
    see     OutOfOrder                  D01
    not     请先取走您的卡
    do      plug card reader
    see     Attract

The reader is lost while its card is to be taken: it is still in, and nobody is said goodbye
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     finish
    see     TakeCard
    do      unplug card reader
    see     OutOfOrder.card_in          请先取走您的卡
    do      plug card reader
    see     Attract

The reader is lost after its card was taken: nobody is asked for a card that they have
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      pull card
    see     Refusal.not_changed
    wait    2
    do      unplug card reader
    tap     proceed
    see     Goodbye
    see     OutOfOrder                  D01
    not     请先取走您的卡
    do      plug card reader
    see     Attract

The reader is lost after its card was taken from beside a code to photograph
    given   active
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    type    729416
    tap     proceed
    see     Balance
    tap     print
    see     Result.shown                'slip': 'on_screen'
    do      pull card
    wait    40
    do      unplug card reader
    wait    40
    tap     proceed
    see     Goodbye
    see     OutOfOrder                  D01
    not     请先取走您的卡

The reader is lost while the result is told: it can be read to its end
    given   active
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
    do      unplug card reader
    wait    20
    see     Result.printed              打印好了
    wait    11
    see     OutOfOrder.card_in          请先取走您的卡

Finish, touched while the terminal asks whether anybody is there, finishes
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    wait    61
    see     StillThere
    do      put a finger down
    tap     finish
    see     TakeCard

A finger that only rests on the glass is somebody too
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    wait    61
    see     StillThere
    do      put a finger down
    see     LayIdCard

Whoever leaves while the ID card is read is told to look for it
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    tap     finish
    see     TakeCard.id_card.unsure     请取走您的卡  身份证要是在上面，也请拿走
    do      pull card
    see     Goodbye.id_card.unsure      身份证
    see     Attract

The same when the phone was chosen after an ID card that nobody had read yet
    given   issued_ecredential
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     credential
    see     ShowCode
    tap     finish
    see     TakeCard.id_card.unsure

The same when the reader fails under it
    given   issued
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     Refusal.not_active
    tap     activate
    see     LayIdCard
    do      unplug id reader
    do      unplug camera
    see     ShowCode
    see     Refusal.device_down
    tap     proceed
    see     TakeCard.id_card.unsure

Without an ID card nobody speaks of one
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     EnterPin.current
    tap     finish
    see     TakeCard                    'id_card': False

A card that is locked for good is not to be rubbed and put in again
    given   active
    given   the chip is locked for good
    see     Attract
    do      insert card
    see     Refusal.card_locked    这张卡锁死了    换一张卡    窗口    C06
    not     软布
    slip    窗口交接单 | C06
    then    the card is free
    tap     proceed
    see     TakeCard
    do      pull card
    see     Attract

A chip that is broken: whoever has turned the card round and round is sent to the counter
    given   active
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card wrong way
    see     InsertCard.wrong_way
    do      pull card
    do      insert card wrong way
    see     InsertCard.wrong_way
    do      pull card
    do      insert card wrong way
    see     InsertCard.still_unreadable    窗口
    do      pull card
    # it may be tried again all the same
    do      insert card
    see     EnterPin.current

Put the card in again, says the screen: it is read at once, and nothing need be touched
    given   issued
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      pull card
    see     Refusal.not_changed         再插一次卡
    wait    2
    do      insert card
    see     Menu

Who comes next does not take for theirs what was told another
    given   cancelled
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.cancelled
    do      pull card
    wait    2
    do      swap card active
    see     Menu                        张**

A card the wrong way round is as good a sign that somebody is there
    given   cancelled
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.cancelled
    do      pull card
    do      insert card wrong way
    see     InsertCard.wrong_way

A code to photograph stays, whoever is impatient; who comes next is told how to go on
    given   cancelled
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.cancelled           'slip': 'on_screen'
    do      pull card
    do      swap card active
    then    nobody is seen to wait
    wait    5
    then    somebody is seen to wait
    wait    55
    then    Refusal stands
    tap     proceed
    see     Menu                        张**

A code keeps its whole time, and no touch of whoever comes next prolongs it
    given   cancelled
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.cancelled           'slip': 'on_screen'
    do      pull card
    wait    20
    do      swap card active
    wait    60
    then    somebody is seen to wait
    do      put a finger down
    wait    39
    then    Refusal stands
    wait    2
    see     Menu                        张**

Large letters, wished for while somebody waits, give a code no more time
    given   cancelled
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.cancelled           'slip': 'on_screen'
    do      pull card
    wait    20
    do      swap card active
    wait    60
    tap     size:large
    see     Refusal.cancelled
    then    somebody is seen to wait
    wait    39
    then    Refusal stands
    wait    2
    see     Menu                        张**

Whoever comes next and goes away again, because a code still stands, is not waited for
    given   cancelled
    given   no paper
    see     Attract
    tap     balance
    see     InsertCard
    do      insert card
    see     Refusal.cancelled           'slip': 'on_screen'
    do      pull card
    wait    5
    do      insert card wrong way
    wait    1
    then    somebody is seen to wait
    do      pull card
    wait    1
    then    nobody is seen to wait
    wait    5
    do      swap card active
    wait    1
    then    somebody is seen to wait
    do      pull card
    wait    1
    then    nobody is seen to wait
    tap     proceed
    see     Goodbye
    see     Attract
