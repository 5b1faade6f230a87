"""Whether a sentence can be said by a person: wife, children, work, age and so on must be true of them."""

import re
from collections.abc import Set
from functools import lru_cache

_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), needed)
    for pattern, needed in (
        (r"\bmy (late )?wife\b", "wife"),
        (r"\b(my (late )?husband|married to him)\b", "husband"),
        (r"\bmy (partner|other half|fianc\w+)\b", "partner"),
        (r"\bmy (boyfriend|girlfriend)\b", "partner_young"),
        (r"\b(my|our) ((six|seven|eight|\d+)-year-old|kids|kid|children|daughters?|sons?|little (girl|boy|one)|lads?|"
         r"girls?|boys?|youngest|eldest|baby|toddler|child)\b|\bas a (mother|father|mum|dad)\b|\bthe kids\b|"
         r"\bhold my baby\b", "children"),
        (r"\b(grandchild|grandson|granddaughter|grandchildren|grandkids)", "grandchildren"),
        (r"\bmy (boss|manager|supervisor|shifts?|job|colleagues|team|clients|customers|staff)\b|"
         r"\b(at|to|from|off) work\b"
         r"|\bthe office\b|\bat my desk\b|\bin (a )?meetings?\b|\bmy payslip\b", "work"),
        (r"\b(in|at|to|after) school\b|\b(in|my) lessons?\b|\bclassroom\b|\bhomework\b|\bin maths\b|"
         r"\bteachers?\b(?! I)|"
         r"\bsixth form\b|\bmy grades\b|\bMummy\b|\bGranddad\b|\bAs to Ds\b|\bin class\b|\bexams?\b", "pupil"),
        (r"\bmy (mum|mam|mom|dad|parents|mother|father|nan|gran)\b(?! (always|used|had|would|was|ran|came|died|were))",
         "parents_alive"),
        (r"\bmy mates\b|\blike, |\bproper mad\b|\binnit\b|"
         r"\b(to|of|since) college\b|\bbesties\b|\bsuper confident\b", "young"),
        (r"\b(retired|pension)\b", "older"),
        (r"\b(for|in) (decades|(twenty|thirty|forty|fifty) years)\b|\blived on for forty\b", "no_longer_young"),
        (r"\bmy (period|bra|skirt|dress|breasts|womb)\b|\bpregnan|\bnot even expecting\b|\bas a woman\b", "woman"),
        (r"\bnot a man who\b|\bmy beard\b|\bas a man\b|\bthe lads\b", "man"),
        (r"\bI('m| am) (only |just |nearly |almost )?(\d\d?|(thir|for|fif|six|seven|eigh|nine)t\w*|twenty[\w-]*)\b"
         r"(?! (per|min|hours|times|kilos|pounds|on|in))", "never"),
        (r"\b(my|the) (cat|dog)\b(?! comes)", "pet"),
        (r"\bmy (sister|brother)\b", "siblings"),
        # one substance, one bad event, one fear, one illness a person: others' sentences are not theirs
        (r"\b(drink(s|ing)?|drunk|drank|wine|vodka|beers?|pints?|pub|spirits|booze|hung ?over|hangovers?|whisky|sober|"
         r"bottles?|two glasses|cider|rum|gin|lager|alcohol)\b", "alcohol"),
        (r"\b(weed|cannabis|stoned|joints?|spliffs?|for smoke|bong|hash)\b", "cannabis"),
        (r"\b(acid|LSD|trips?|tripped|tripping|mushrooms|hallucinogens?)\b", "hallucinogen"),
        (r"\b(heroin|codeine|morphine|oxycod\w+|fentanyl|opioids?|the gear|methadone|painkillers)\b", "opioid"),
        (r"\b(diazepam|tranquilli\w+|benzos?|sleeping (tablets|pills)|valium|xanax|sedatives?)\b", "sedative"),
        (r"\b(cocaine|coke|crack|amphetamines?|meth|ADHD tablets|ecstasy|a line|stimulants?)\b", "stimulant"),
        (r"\b(cigarettes?|nicotine|tobacco|vap(e|ing)|fags?|smok(e|ing) (a pack|forty|twenty)|still smoke|a smoke|"
         r"smoking|smokers?)\b", "tobacco"),
        (r"\bdealer\b|\b(the|I'm|while) using\b|\bscor(e|ing)\b", "illegal"),
        (r"\b(casinos?|bets?|betting|gambl\w+|the odds|the machines)\b", "gambling"),
        (r"\b(crash|the accident|sound of the impact|down that road|another road|sirens|diesel)\b", "crash"),
        (r"\b(raped|attacked me|hands on me|aftershave|asked for it|dirty and ashamed|after the attack|the assault|"
         r"stopped him|deserved it)\b", "assault"),
        (r"\b(soldiers|mortars|shelling|the war|my unit|the truck|guard duty|[Ss]ince I came back)\b", "war"),
        (r"\b(stabbed|his face, the blood|saved them|they're animals)\b", "violence"),
        (r"\b(stepdad|used to slam|those stairs again)\b", "home_violence"),
        (r"\bthe fire\b|children out of fires|\bmosque\b|"
         r"\bon the line\b|\bdoing the till\b|\bthe barracks\b|twelfth floor|balloon|since I was fourteen", "never"),
        (r"\b(two|three|fifteen|twenty) years ago\b|\bwhen I was \w+teen\b|\bused to beat\b|\bfor years\b|"
         r"\bin fifteen years\b", "long_ago"),
        (r"\b(spiders?|cellar)\b", "spiders"),
        (r"\b(needles?|injections?)\b", "needles"),
        (r"\b(dogs|puppy|a dog)\b", "dogs"),
        (r"\b(heights|stepladder)\b", "heights"),
        (r"\b(flying is|flown|the flight)\b", "flying"),
        (r"\b(diabetes|insulin)\b", "diabetes"),
        (r"\b(heart disease|heart trouble|chest pains)\b", "heart"),
        (r"\basthma\b", "asthma"),
        (r"\b(Crohn's|colitis)\b", "bowel"),
        (r"\b(blood pressure|my pressure)\b", "pressure"),
        (r"\bdialysis\b", "never"),
    )
)  # fmt: skip


def fits(text: str, has: Set[str]) -> bool:
    """
    Whether all that a sentence takes for granted is in `has`.

    Example:
        >>> fits("My wife says I sigh in my sleep.", {"husband"})
        False
    """
    return taken_for_granted(text) <= has


@lru_cache(maxsize=50000)
def taken_for_granted(text: str) -> frozenset[str]:
    """What must be true of whoever says a sentence."""
    return frozenset(needed for pattern, needed in _RULES if pattern.search(text))
