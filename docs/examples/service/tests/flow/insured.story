# Proof of insurance.

Printed with the ID card
    given   active
    see     Attract
    tap     insured
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Result.insured              参保情况查好了
    slip    参保情况证明 | 职工基本医疗保险 | 张**
    tap     proceed
    see     TakeCard
    do      pull card
    see     Goodbye
    see     Attract
    then    nothing was changed
    then    VERIFY was sent 0 times

On the screen when there is no paper
    given   two_insurances
    given   no paper
    see     Attract
    tap     insured
    see     InsertCard
    do      insert card
    see     LayIdCard
    tap     credential
    see     ShowCode
    do      show code
    see     Result.insured              手机拍下这个码
    then    the sealed code says insured: done
    no      slip

Nobody insured
    given   not_insured
    see     Attract
    tap     insured
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay id
    see     Refusal.not_insured

A card that is not activated yet
    given   issued
    see     Attract
    tap     insured
    see     InsertCard
    do      insert card
    see     Refusal.not_active
    tap     activate
    see     LayIdCard

Somebody else's ID card
    given   active
    see     Attract
    tap     insured
    see     InsertCard
    do      insert card
    see     LayIdCard
    do      lay other id
    see     LayIdCard.number_differs
    tap     finish
    see     TakeCard
