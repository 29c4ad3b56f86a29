# A refusal ends in a slip for the counter, or its code on the screen: nothing need be told twice.

Only the counter can go on: the slip comes by itself
    given   lost
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Working.handing_over        正在打印交接单
    see     Refusal.lost                交接单已打印 | 服务大厅窗口，或发卡银行网点 | 身份证、一寸照片 | 'slip': 'printed'
    slip    窗口交接单 | 激活社保卡 | 读了卡 | 没有办成 | 这张卡已经挂失 | R05 | 服务大厅窗口，或发卡银行网点 | 身份证、一寸照片
    then    the slip and the screen have the same number
    then    the card is free
    tap     proceed
    see     TakeCard.slip
    do      pull card
    see     Goodbye.slip
    see     Attract

In English as on the screen
    given   lost
    see     Attract
    tap     language:en
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.lost                Slip printed
    slip    For the counter | Activate a card | This card was reported lost | Your ID card and a one-inch photo

Without paper its code stands on the screen, sealed
    given   lost
    given   no paper
    see     Attract
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.lost                请拍下这个码，给窗口看 | 'slip': 'on_screen'
    no      slip
    then    the sealed code says hand_over: refused activate lost R05
    tap     proceed
    see     TakeCard
    not     凭条

The paper ends within the slip
    given   lost
    see     Attract
    do      let the paper end
    tap     activate
    see     InsertCard
    do      insert card
    see     Refusal.lost                'slip': 'on_screen'
    then    the sealed code says hand_over: refused activate lost R05

The counter is one way of several: the slip is offered
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      cut network
    do      insert card
    see     Refusal.insurer_down        打印交接单，带到窗口 | 'slip_offered': True
    no      slip
    then    the card is free
    tap     slip
    see     Working.handing_over
    see     Refusal.insurer_down        交接单已打印 | 'slip_offered': False
    slip    窗口交接单 | 重置或修改密码 | 现在连不上社保中心 | N01 | 身份证和这张卡
    tap     proceed
    see     TakeCard.slip

Who does not want it goes without
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      cut network
    do      insert card
    see     Refusal.insurer_down        'slip_offered': True
    tap     proceed
    see     TakeCard
    no      slip

Offered without paper: the code is there at once
    given   active
    given   no paper
    see     Attract
    tap     password
    see     InsertCard
    do      cut network
    do      insert card
    see     Refusal.insurer_down        请拍下这个码 | 'slip_offered': False
    then    the sealed code says hand_over: refused password insurer_down N01

What is mended here needs no slip
    given   issued
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     Refusal.not_active          'slip_offered': False
    no      slip
    tap     activate
    see     LayIdCard

A card that came out too early needs none either
    given   active
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    do      pull card
    see     Refusal.not_changed         'slip_offered': False
    no      slip

How far it went stands on the slip
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
    do      cut network
    tap     proceed
    see     EnterPin.new
    type    940275
    tap     proceed
    see     EnterPin.repeat
    type    940275
    tap     proceed
    see     Refusal.insurer_down
    tap     slip
    see     Refusal.insurer_down
    slip    读了卡，核对了身份 | 没有办成

A locked password where the office wants resets at the counter
    given   one_try_left
    given   reset at the counter
    see     Attract
    tap     password
    see     InsertCard
    do      insert card
    see     KnowsPin
    tap     change
    see     LastTry.no_reset            到窗口重新设 | 'can_reset': False
    tap     proceed
    see     EnterPin.current
    type    000001
    tap     proceed
    see     Refusal.pin_locked.at_counter   服务大厅窗口 | 'offer': None | 'slip_offered': True
    not     旁边的机器

A tile that cannot be finished says why, and where to go instead
    given   issued
    see     Attract
    do      unplug id reader
    do      unplug camera
    see     Attract
    wait    6
    see     Attract                     'available': 'no'
    tap     activate
    see     Refusal.device_down         旁边的机器或窗口 | 'slip_offered': True
    tap     slip
    see     Refusal.device_down         交接单已打印
    slip    激活社保卡 | 还没有开始
    tap     proceed
    see     Attract

The same on the menu leads back to what can be done
    given   active
    see     Attract
    do      unplug id reader
    do      unplug camera
    wait    6
    do      insert card
    see     Menu                        'available': 'no'
    tap     activate
    see     Refusal.device_down         返回，看看别的 | 'way_back': True
    tap     proceed
    see     Menu
    tap     password
    see     KnowsPin

No paper is a quiet note and no reason to send anybody away
    given   active
    given   no paper
    see     Attract
    wait    6
    see     Attract                     'available': 'without_paper'
    tap     password
    see     InsertCard
