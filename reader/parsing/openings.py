"""Lines known by how they open: credits, kickers, promotions, furniture, list items, bylines, greetings.

Each subject has one pattern below, put together from named parts. `_OPENINGS` lists them with the words that such a
line begins with; the first pattern that matches a line says what kind of line it is.
"""

from __future__ import annotations

from typing import Final

from reader.parsing.vocabulary import AFTER_A_TITLE, CAPITAL, DAY, PARTICLES, SECTIONS, Kind
from reader.patterns import Pattern


def _any(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


def _any_word(words: str) -> str:
    return _any(*words.split())


_MAIL = "(?:e-?mail|newsletter|message)"
_CAPITAL = r"[^\W\d_a-z]"

# "Photo: Ren Kaiping/Getty Images", "(Photo illustration by A. Name)", "Courtesy of Nimbuspay", "Via AFP".
_PICTURES = (
    "Photo Photograph Picture Image Illustration Graphic Screenshot Video GIF Art Composite Chart Map Table Data "
    "Animation Design Screengrab Collage Rendering Artwork Infographic Cartoon Photography"
)
_PICTURE_LABEL = rf"(?i:{_any_word(_PICTURES)}(?: ?illustration| composite| credit| courtesy)?s?)"
_BY_A_NAME = rf"(?<!Data)(?<!Map)(?<!Table)(?<!Chart)(?<!Design) by (?={_CAPITAL}|\S*[/@])"
_NAMES_ONLY = r"(?=[A-Z@]\S*(?: (?:[A-Z@&/]\S*|of|the|and|for))*$)"
_NO_SENTENCE = r"(?!.*[a-z]{2},? [a-z'’]+,? [a-z'’]{2,}[.!?]$)"
_CREDIT = (
    _any(
        rf"\(?{_PICTURE_LABEL}(?: ?:|{_BY_A_NAME}| courtesy )",
        rf"\(?(?:Protocol )?{_PICTURE_LABEL} via {_NAMES_ONLY}",
        r"\(?Courtesy (?:of )?(?:the )?[A-Z]",
        r"\(?(?:Photoillustration|Source|Credit):",
        rf"\(?Via {_NAMES_ONLY}",
    )
    + rf"{_NO_SENTENCE}.{{0,150}}$"
)

# "Protocol | Fintech", "Protocol Pipeline", "Protocol Manual: Hiring in a pandemic".
_SECTION_OF_SITE = r"Protocol ?\| ?[A-Z][\w&'’ -]{2,40}$"
_KICKER = _any(
    r"(?:About )?Protocol(?: \|)? (?!(?:Team|Staff)$)[A-Z][\w|&'’ -]{2,50}$",
    r"Protocol (?:Manuals?|Guides?|Special [Rr]eports?): .{3,50}$",
)
# "More in China", "Latest from Protocol", "Read more from this series".
_TRAILER = _any(
    rf"More in {_any(*SECTIONS)}$",
    r"(?:More|Read more|Popular|(?:The )?[Ll]atest) (?:[Ff]rom|[Oo]n|[Ii]n) "
    r"(?:Protocol\b|this (?:[Ss]eries|[Mm]anual|[Tt]opic)\b(?! of\b))[^.,!?]{0,50}$",
)

# Promotions: "Sign up for Source Code, our daily newsletter", "Stay ahead of … in your inbox".
_INVITATION = _any(
    "(?i:Sign up|Subscribe)",
    r"Join (?:us|our|\d[\d,.]+)",
    "Follow us",
    "Don['’]t miss",
    "Never miss",
    "Listen to (?:our|the)",
    "Download our",
    "Receive (?:a (?:daily|weekly)|daily|free|our|weekly)",
    "Start your (?:day|morning|week)",
    "Stay (?:ahead|connected|current|informed|on top|tuned|updated)",
    "Stay (?:in (?:the (?:know|loop)|touch)|up[ -]to[ -](?:date|speed))",
)
_OFFERED = _any(
    "newsletters?|inbox|Protocol|Source Code|alerts|updates|[Pp]odcasts?|events?|app|stor(?:y|ies)|coverage|here|free",
    "on (?:Twitter|Facebook|LinkedIn|Instagram)",
)
_SIGN_UP = rf"{_INVITATION}\b.{{0,120}}\b{_OFFERED}\b.{{0,90}}$"
# "Get what matters in tech, in your inbox every morning."
_GET_MAIL = (
    r"Get (?:what|access|daily|the|our|your|in)\b[^?]{0,140}\b(?:inbox|newsletters?|Protocol)\b.{0,60}$"
)
# "Your guide to the business of games." "Source Code: Your daily look at what matters".
_GUIDE = r"Your (?:[\w-]+ )?guide to\b(?:(?! (?:is|are|was|has|that)\b).){0,60}\.$"
_NAMED_GUIDE = r"(?:Source Code|Protocol(?: \|)? \w+)[:,] [Yy]our \w+ (?:look|guide)\b.{0,90}$"
# "Click here to subscribe", "Click the banner".
_CLICK_TO = _any_word("download find get join learn listen read register see share sign subscribe view watch")
_CLICK = rf"Click (?:(?:the )?banner\b|(?:here|on [\w ]{{2,20}}|the [\w ]{{2,20}}) (?:for|to {_CLICK_TO})\b).{{0,90}}$"
# "Read more: What the outage cost", "Don't miss: …"; a title, so without a full stop.
_OTHER_STORY = (
    _any(
        "(?i:Read (?:more|also|this next))",
        "Also read",
        "See also",
        "Related(?: story| article)?",
        "More on this",
        "Don['’]t miss",
        "From the archives",
        "Further reading",
        "(?:Dig|Go) deeper",
    )
    + r": .{4,120}(?<!\.)$"
)
_CONTINUES = r"(?:Story|Article) continues\b.{0,40}$"
# "Did you like this edition? Yes | No"
_POLL = (
    r"(?:Did you (?:like|enjoy)|What did you think (?:of|about)|How (?:did|do) you like|Enjoying)"
    rf" (?:this|today['’]s|our) (?:edition|issue|{_MAIL})\b.{{0,90}}$"
)
_FORWARDED = r"\(?Was this (?:email|newsletter) forwarded(?: to you)?\?.{0,120}$"

# Notices about cookies and terms: "This site uses cookies", "By signing up you agree to …".
_COOKIES = _any(
    r"To give you the best\b.{0,200}\bcookies?\b",
    r"(?:This|Our) (?:web)?site uses [\w ]{0,20}cookies?\b",
    r"Cookies help us\b",
    r"We (?:and our \w+ )?use [\w ]{0,20}cookies?\b.{0,90}\b(?:our|your|this) \w+",
    r"By (?:continuing|using|clicking|signing|subscribing)\b.{0,120}"
    r"\b(?i:you (?:agree|accept|consent|acknowledge)|cookies?|terms of (?:service|use)|privacy policy)\b",
)
_COOKIE_BUTTON = _any(
    r"(?:Accept|Allow|Reject|Decline|Manage|(?:Strictly )?[Nn]ecessary|Essential|Functional)\b[\w &-]{0,20}[Cc]ookies$",
    r"Cookie (?i:settings|preferences|policy|notice)$",
    r"(?:Your )?(?:California )?Privacy (?i:choices|rights|settings|preferences|statement)$",
)
# Accounts and forms: "Log in to your account", "Enter your email", "Thanks for signing up".
_ACCOUNT = _any(
    _any(
        "(?:Sign|Log) in to (?:your account|Protocol)",
        "Create an? (?:free )?account to",
        "(?:Please )?[Ee]nter (?:a valid|your) e-?mail(?! and)",
        r"Thank(?:s!?|s for| you for|s! You['’]re now) (?:sign|subscri)\w+",
        "Your subscription (?:is|has been) confirmed",
        "No spam(?=[.,!] [EU])",
        "We['’]ll never share your",
        "You can (?:unsubscribe|change your preferences) at any time",
        r"You have \w+ free (?:articles|stories)",
        "This (?:site|form) is protected by reCAPTCHA",
        "Do [Nn]ot [Ss]ell (?:or [Ss]hare )?[Mm]y (?:[Pp]ersonal |[Ii]nfo|[Dd]ata)",
        "Please (?:enable (?:JavaScript|cookies)|check your inbox)",
        "JavaScript is (?:disabled|off|required|not)",
    )
    + r"\b.{0,90}$",
    r"Already have an account\?(?: (?:Log|Sign) in.{0,20})?$",
    "Create an? (?:free )?account$",
)

# The furniture of mails: "View in browser | Forward to a friend", "Email not displaying correctly?"
_ONLINE = r"(?:online|(?:in|on) (?:your |a |the )?(?:web ?browser|browser|archives?))"
_FORWARD = rf"Forward(?: this| the)?(?: {_MAIL})?(?: to (?:a|your) (?:friend|colleague))?"
_VIEW_ONLINE = (
    rf"(?:(?:View|Read|Open) (?:this |the |our )?(?:{_MAIL} |it )?{_ONLINE}|{_FORWARD})"
    rf"(?: ?[|·•] ?(?:(?:View|Read|Open) [\w -]{{0,20}}{_ONLINE}|{_FORWARD}|Unsubscribe|Subscribe|Sign up|Share|"
    r"(?:Older|Newer) messages))*\.?$"
)
_NOT_SHOWN = r"(?:Email not displaying|Having trouble (?:reading|viewing|seeing))\b.{0,90}$"
# "You're receiving this email because you signed up.", "To unsubscribe, click here".
_WHY_MAILED = _any(
    rf"You(?:['’]re| are)? (?:receiv(?:ed|ing)|getting|got) this {_MAIL}\b.{{0,40}}"
    r"\b(?:you|your subscription)\b.{0,100}$",
    rf"This {_MAIL} was sent (?:to (?:you\b|\S+@)|by [A-Z]).{{0,120}}$",
    rf"To (?:unsubscribe|stop (?:receiving|getting) [\w ]{{0,12}}{_MAIL}s?)\b.{{0,40}}"
    r"\b(?:click|reply|visit|go to|manage|update)\b.{0,60}$",
)
# "Unsubscribe from this list", "Update your email preferences"; not "Unsubscribe now that …", a sentence.
_A_LIST = rf"(?:this |our |the )?(?:mailing )?(?:list|{_MAIL})"
_UNSUBSCRIBE = (
    _any(
        rf"Unsubscribe(?! [a-z]+ (?!{_A_LIST})|, [a-z])",
        r"(?:Update|Manage|Change) (?:your |my )?(?:e-?mail |subscription |newsletter |mail )?"
        r"(?:preferences|subscriptions?)(?! (?!or |here)[a-z])",
    )
    + r"\b.{0,90}$"
)
# "From: Protocol Policy <policy@protocol.com>", "Subject: What the outage cost".
_ADDRESSEE = r"(?:(?<= )|(?= ))[^\w.!?]*(?:[^\W_a-z]|the |and |of |\w[^\s@]*@)[^\s.!?]*(?:\.\w[^\s.!?]*)*"
_MAIL_HEADER = _any(
    rf"(?:From|To|Cc|Reply-To): (?=.{{1,150}}$)(?:{_ADDRESSEE}){{1,9}}$",
    r"(?:Sent|Subject): (?:(?![.!?] ).){2,120}(?<!\.)$",
)

# Other furniture: "© 2022 Protocol Media", "1000 Wilson Blvd., Arlington, VA 22209", "4 min read", "Older posts".
_COPYRIGHT = _any(
    r"All [Rr]ights [Rr]eserved\.?$",
    r"(?:©|\(c\)|Copyright) ?(?:©|\(c\))? ?(?:19|20)\d\d\b(?!:| (?!by|all)[a-z]).{0,100}$",
)
_PLACE = r"\d{1,5} (?:[^.!?]|\.(?=,| [A-Z\d#])){3,70}, [A-Z]{2}"
_POSTAL_ADDRESS = rf"(?:Protocol[\w ]{{0,20}}, {_PLACE}(?:,? \d{{5}})?|{_PLACE},? \d{{5}})(?:-\d{{4}})?$"
_COUNT = _any(
    r"(?:A |Listen ?\(|(?:Estimated )?[Rr]eading time:? |Time to read:? )?"
    r"\d{1,3}[ -](?i:min(?:ute)?s?\.?\)?(?: read| listen)?)$",
    r"(?i:[\d.,]{1,5}K? (?:comments?|shares?))$",
    r"Comments? \(\d+\)$",
    r"\d\d? (?:minute|hour|day|week|month)s? ago$",
)
_PAGES = "(?:editions?|issues?|messages?|posts|stories|page|article|archives?|list)"
_TO_OTHERS = rf"(?:Older|Newer|Next|Previous|Back to(?: the)?) {_PAGES}"
_PAGING = rf"{_TO_OTHERS}(?: ?[|·•] ?{_TO_OTHERS})*$"
_RULE = r"[*\-–—_~·•# ]{3,}$"

# "Correction: The story misspelled …", "This story was updated on …"; "Protocol: Why?" in an interview.
_NOTE = _any(
    r"(?:Corrections?|Clarification|Updates?|Editor['’]s note|Disclosure)(?: \([^()]{2,30}\))?: ?\S",
    r"This (?:story|article|post) (?:was|has been) (?:last )?(?:updated|corrected)\b",
    r"Protocol: ?\S",
)

# "— Kofi Aboud (email | twitter)"; not "— the end of it.", "- Kofi" in a list, nor "- Kofi Aboud on Twitter".
_WORD = rf"{CAPITAL}[^\s,:;!?•()]*"
_NAME = rf"{_WORD}(?: (?:(?:{PARTICLES}|the|of|from|in|at) )*{_WORD}){{0,4}}"
_ROLE = r"(?:, [\w ]{3,40})?"
_WHO = rf"(?P<who>{_NAME}(?:(?: \([^()]{{3,40}}\)|{_ROLE},?) (?:and|&) {_NAME})?)"
_SIGNOFF = (
    r"(?!-+ ?(?:\w+$|The ))[—–-]{1,2}\s?(?:[Bb]y )?(?!.*[a-z]{3}\.(?!\w))"
    r"(?!.* on (?:Twitter|LinkedIn|Facebook|Instagram|TikTok)\b)"
    rf"{_WHO}{_ROLE}(?:\s*\([^()]{{3,40}}\))?{_ROLE}$"
)

# "• One", "3. Three", "B) Three of them".
_BULLET = r"[•◦▪‣*\-–·●]\s+\S"
_NUMBERED = r"\d{1,2}[.)]\s+\S"
_LETTERED = r"[A-E][.)]\s+[^/.]{1,80}$"

# "Read the full report here", "Learn more about Nimbuspay".
_LINK = _any(
    r"(?:Read|See|Get|Download|Watch|Find) (?!more\b)[^.!?:,]{2,50} here\.?$",
    r"(?:Learn|Read|Find out|See) (?:more (?:from|about|at|on|here)\b(?:[^.!?:,]|\.(?=\w)){0,50}|how|why)\.?$",
)

# Live blogs: "10:42 a.m. The hearing begins", "Tuesday, June 7, 9:30 a.m. PT".
_MONTHS = _any_word("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
_STAMPED = _any(
    r"\d{1,2}:\d\d ?[ap]\.?m\b(?!.* (?:19|20)\d\d\.?$)",
    rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? {_MONTHS}[a-z]*\.? \d{{1,2}}"
    r"(?:,? (?:at |from |\| ?|[–-] ?)?[^a-z]{1,12}[ap]\.?m\b.{0,30})?$",
)

# "By Anders Whitlock", "Reporting by A. Name and B. Name | June 2, 2022".
_BY = r"(?:[Bb]y|BY|(?:Written|Words|Text|Story|Reporting|Reported) by):?"
_BY_WHOM = rf"(?P<who>(?:the )?{_CAPITAL}(?:[^.:;!?]|\.{AFTER_A_TITLE}){{1,100}}?)"
_BYLINE = rf"{_BY} {_BY_WHOM}(?:,? ?[|/·]? ?Protocol)?(?: ?[|·•,–—-]? (?:{DAY}))?$"

# Newsletters: "Good morning!", "Dear reader,", "Welcome back to Source Code"; "Thanks for reading", "See you tomorrow".
_GREETING = _any(
    r"(?:To (?:our|my|all|the) [\w ]{3,30}|Dear [\w ]{2,30}),$",
    r"(?:Good (?:morning|afternoon|evening|day)|Hello|Hi|Hey|Greetings|Happy \w+day)\b[^.:]{0,40}[!.,:]",
    "Welcome back[!.,]",
    r"Welcome (?:back )?to (?:Protocol|Source Code|your|our|the|issue|this|another|[A-Z]\w+[.,!:])",
    r"Your [\w-]+ guide to the best of Protocol\b",
)
_CLOSER = _any(
    "Thoughts, questions",
    "See you (?:next|tomorrow|on|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)",
    "Thanks for reading",
    "That['’]s (?:it|all) for",
    "Have a (?:good|great|nice)",
)

_DIGITS = " 0 1 2 3 4 5 6 7 8 9"
_OPENINGS: Final = (
    (Kind.CREDIT, f"{_PICTURES} Protocol Courtesy Source Credit Via (", _CREDIT),
    (Kind.SECTION_OF_SITE, "Protocol", _SECTION_OF_SITE),
    (Kind.KICKER, "Protocol About", _KICKER),
    (Kind.TRAILER, "More Read Popular The Latest", _TRAILER),
    (Kind.PROMO, "Sign Subscribe Join Follow Don't Never Listen Download Receive Start Stay", _SIGN_UP),
    (Kind.PROMO, "Story Article", _CONTINUES),
    (Kind.PROMO, "Get", _GET_MAIL),
    (Kind.PROMO, "Your", _GUIDE),
    (Kind.PROMO, "Click", _CLICK),
    (Kind.PROMO, "Source Protocol", _NAMED_GUIDE),
    (Kind.PROMO, "Read Also See Related More Don't From Further Dig Go", _OTHER_STORY),
    (Kind.CHROME, "To This Our Cookies We By", _COOKIES),
    (Kind.CHROME, "View Read Open Forward", _VIEW_ONLINE),
    (Kind.CHROME, "Email Having", _NOT_SHOWN),
    (
        Kind.CHROME,
        "Sign Log Create Please Enter Thanks Your No We You This Do JavaScript Already",
        _ACCOUNT,
    ),
    (
        Kind.CHROME,
        "Accept Allow Reject Decline Manage Strictly Necessary Essential Functional Cookie Your California Privacy",
        _COOKIE_BUTTON,
    ),
    (Kind.CHROME, "You This To", _WHY_MAILED),
    (Kind.CHROME, "Unsubscribe Update Manage Change", _UNSUBSCRIBE),
    (Kind.CHROME, "From To Cc Reply Sent Subject", _MAIL_HEADER),
    (Kind.CHROME, "All © ( Copyright", _COPYRIGHT),
    (Kind.CHROME, f"Protocol {_DIGITS}", _POSTAL_ADDRESS),
    (Kind.CHROME, f"A Listen Estimated Reading Time Comments {_DIGITS}", _COUNT),
    (Kind.NOTE, "Correction Clarification Update Editor's Disclosure This Protocol", _NOTE),
    (Kind.CHROME, "Older Newer Next Previous Back", _PAGING),
    (Kind.RULE, "* - – — _ ~ · • #", _RULE),
    (Kind.PROMO, "Did What How Enjoying", _POLL),
    (Kind.PROMO, "( Was", _FORWARDED),
    (Kind.SIGNOFF, "— – -", _SIGNOFF),
    (Kind.BULLET, "• ◦ ▪ ‣ * - – · ●", _BULLET),
    (Kind.NUMBERED, _DIGITS, _NUMBERED),
    (Kind.NUMBERED, "A. B. C. D. E. A) B) C) D) E)", _LETTERED),
    (Kind.LINK, "Read See Get Download Watch Find Learn", _LINK),
    (
        Kind.STAMPED,
        f"Monday Tuesday Wednesday Thursday Friday Saturday Sunday {_DIGITS}",
        _STAMPED,
    ),
    (Kind.BYLINE, "By by Written Words Text Story Reporting", _BYLINE),
    (Kind.GREETING, "To Dear Good Hello Hi Hey Greetings Happy Welcome Your", _GREETING),
    (Kind.CLOSER, "Thoughts See Thanks That's Have", _CLOSER),
)
"""Kinds of lines, the words or signs that such a line begins with, and the pattern."""


def opening(line: str) -> str:
    """The characters of a line by which `OPENINGS` finds its patterns: up to three letters, or its first sign.

    After one letter, the second character counts whatever it is ("A.").
    """
    if not line[0].isalpha():
        return line[0]
    return line[0] + line[1 : 3 if line[1:3].isalpha() else 2].lower()


_Openings = dict[str, list[tuple[int, Pattern]]]


def _by_opening() -> tuple[_Openings, _Openings]:
    short: _Openings = {}
    long: _Openings = {}
    for kind, words, pattern in _OPENINGS:
        entry = int(kind), Pattern(pattern)
        for key in {opening(f"{word} ") for word in words.split()}:
            short.setdefault(key, []).append(entry)
            if kind in _LONG:
                long.setdefault(key, []).append(entry)
    return short, long


_LONG: Final = (Kind.BULLET, Kind.NUMBERED, Kind.GREETING, Kind.CLOSER, Kind.CHROME, Kind.NOTE)
"""The kinds that lines can be which are too long for heads."""
OPENINGS, LONG_OPENINGS = _by_opening()
"""The kinds of short and of long lines with their patterns, by `opening`; the first that matches counts."""
SIGNOFF: Final = Pattern(_SIGNOFF)
BYLINE: Final = Pattern(_BYLINE)
