# What ends or bends a visit from outside.

The wrong way round, then right
    given   issued
    see     Attract
    do      insert card wrong way
    see     InsertCard.wrong_way        卡好像放反了
    do      pull card
    do      insert card
    see     Menu                        王**

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
    wait    61
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
    see     Refusal.insurer_down        现在连不上中心
    then    nothing was changed
