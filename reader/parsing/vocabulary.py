"""The format's fixed words, as data: sections, newsletters, markers, credits, labels, furniture.

Nothing here names a person, a company, a sponsor or a headline. A new layout's words are a row here.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final

from reader.patterns import Pattern


class Kind(IntEnum):
    """The kind of a line by its fixed words, before its neighbours are examined."""

    PLAIN = 0  # none of the below
    SECTION = 1  # "China"
    KICKER = 2  # "Election 2022"
    NEWSLETTER = 3  # "Source Code"
    SPONSOR_KICKER = 4  # "Sponsored content"
    SPONSOR_LABEL = 5  # "Presented by Nimbuspay"
    MARKER = 6  # "Keep Reading"
    CREDIT = 7  # "Photo: …"
    AGENCY_CREDIT = 8  # "Ada Reyes/Getty Images"
    DATE = 9
    CHROME = 10  # a button or notice of the site: "Log in"
    TRAILER = 11  # "More stories"
    TRACKER = 12  # what a script left: "noauthorNone"
    PROMO = 13  # "Sign up for …"
    STANDING_HEAD = 14  # "The big story"
    BULLET = 15  # "• …"
    NUMBERED = 16  # "1. …"
    SIGNOFF = 17  # "— Ada Reyes"
    BYLINE = 18  # "By Ada Reyes"
    LINK = 19  # "Learn more"
    GREETING = 20  # "Good morning!"
    CLOSER = 21  # "See you tomorrow"
    BULLETINS = 22  # that word, a kicker or a trailer
    DOCUMENT_TITLE = 23  # a title with vertical bars
    NOTHING = 24  # invisible characters only
    STAMPED = 25  # "9:41 a.m. …"
    CALL = 26  # "Book a demo"
    RULE = 27  # "* * *"
    WIRE = 28  # "A bakery in Leeds. Photographer: …"
    ROW = 29  # "News | Opinion | Live", cells or buttons
    NOTE = 30  # "Correction: …"
    SECTION_OF_SITE = 31  # "Protocol | China"


SECTIONS: Final = (
    "China|Climate|Cloud|Enterprise|Entertainment|Fintech|Gaming|People|Policy|Politics|Power|Workplace"
).split("|")
"""The site's sections, printed bare, as "Protocol | China" or as "Protocol China"."""

SERIES: Final = (
    "Bulletins|Earnings|From the Editor|Braintrust|The New Enterprise|Diversity Tracker|Opinion|Podcasts|"
    "Obsession|Small Business Recovery|Manuals|Gig economy|Post-hearing notes|Special report|Power Index|Live"
).split("|")
"""Standing kickers that are no section."""

NEWSLETTERS: Final = "Source Code|Next Up|Pipeline|Index|Gaming|Braintrust|Protocol Index".split("|")
"""Newsletters with a name of their own; the others are called after their section."""

STANDING_HEADS: Final = (
    "the big story|best of protocol|the best of protocol|people are talking|overheard|making moves|in other news|"
    "off the chain|on the calendar|around the enterprise|number of the day|number of the week|one more thing|"
    "the workforce|at the office|the big feature|the chart|ten to know|instant expert|what i've learned|methodology|"
    "background|timeline|definitions|findings|key findings|results|conclusion|takeaways|key takeaways|context|summary|"
    "the bottom line|what's next|why it matters|the details|the numbers|analysis|introduction"
).split("|")
"""Headings that stand in every edition of a newsletter or manual, or in many stories."""

YEAR_KICKER: Final = Pattern(r"(?:[A-Z][\w&]+ ){1,3}20\d\d")
"""A standing kicker of one year: "Election 2022"."""

_KEEP_READING = r"(?:keep|continue) reading(?: (?:this|the) (?:story|article))?|continue(?= ?[→›»…])"
_READ_MORE = r"(?:read|see|show|view) (?:more|less|all|on)"
_FULL_STORY = (
    r"(?:read|show|view|expand) (?:(?:the |this )?(?:(?:full|rest|whole)\b ?(?:of (?:the|this) ?)?)?"
    r"(?:story|article|entry)?)|read|full story"
)
MARKER: Final = Pattern(
    rf"[\[(]?(?:(?:click|tap) (?:here )?to )?(?:{_KEEP_READING}|{_READ_MORE}|{_FULL_STORY})"
    r" ?(?:\.{2,}|[↓→›»…▾|])*(?: ?(?:show|see|read|view) less)?[\])]?",
    re.I,
)
"""A line that stands where the page hid the rest of a story: buttons, run together as the crawler found them, such as
"Keep ReadingShow less" and "[Read the full story →]"."""
MARKER_FIRST: Final = frozenset("click continue expand full keep read see show tap view".split())
LONGEST_MARKER: Final = 48

TRAILERS: Final = (
    "latest stories|latest bulletins|more stories|most popular|most read|related stories|related|related articles|"
    "related links|read next|trending|trending now|trending stories|top stories|most viewed|up next|recommended|editor's picks|"
    "related topics|popular on protocol|you might also like|more from protocol|you may also like|recommended for you"
).split("|")
"""Headings of lists that the capture did not keep."""

BUTTONS: Final = frozenset(
    "article bookmark by click comments copied copy email event facebook flipboard for full gift instagram later link "
    "linkedin mail messenger on page pin pinterest post print reddit save share story this to tweet twitter "
    "via whatsapp x".split()
)
"""Words of the buttons beside a story: a line of nothing else is a row of such buttons."""
SUBJECTS: Final = frozenset(
    "article event gift instagram mail messenger page pinterest post reddit story whatsapp".split()
)
"""Buttons whose names, alone on a line, are more often a subhead."""

CHROME: Final = (
    "×|x|get access to protocol|i've already subscribed|i'm already a subscriber|already a subscriber?|"
    "will be used in accordance with our privacy policy|log in|login|sign in|sign out|my account|subscribe|"
    "your information will be used in accordance with our privacy policy|advertisement|newsletters|"
    "where should we send your daily tech briefing?|sign up|menu|search|close|presented by|presented by:|featuring|"
    "protocol's experts on the biggest questions in tech.|i'm already a subscriber.|get free access to protocol|"
    "get free access to the|skip to main content|terms of use|privacy policy|privacy notice|about us|contact us|"
    "powered by rebelmouse|accept|ok|got it|add to calendar|accept all|reject all|manage settings|load more|"
    "back to top|we value your privacy|your email|email address|skip to content|our team|advertise with us|"
    "editorial policy|open menu|main menu|subscribe now|loading...|loading…|get access|follow us|see all stories|"
    "open url|about|contact|sections|terms of service|terms & conditions|404|listen to this article|"
    "listen to this story|view comments|view all comments|leave a comment|next|previous|show more stories|"
    "more stories like this|your email address|sitemap|log in / sign up|toggle navigation|toggle menu|"
    "open navigation menu|open search|site map|accessibility|accessibility statement|masthead|advertise|"
    "terms and conditions|your privacy is important to us|we use cookies|i accept|agree and continue|"
    "manage consent|join our mailing list|stay in the loop|sign me up|listen to article|return to homepage|"
    "back to homepage|join the conversation|show comments|ad|skip ad|faq|filed under:|go to top|[ad_1]|[ad_2]|"
    "source link|newsletter archive|newsletter archives|protocol newsletter archive|protocol newsletter archives"
).split("|")

HEADINGS: Final = frozenset(
    "about accessibility close comments contact email facebook faq linkedin menu newsletters next previous "
    "print recommended related save search sections share trending twitter 404".split()
)
"""Words of furniture that are ordinary headings too: between the paragraphs of a body they are taken for one."""

LINKS: Final = (
    "learn more|learn more.|read more here|find out more|register now|register here|rsvp here".split("|")
)
"""A sponsor message's last line, which is a link."""
LINK_TO_SPONSOR: Final = Pattern(
    r"(?:Find out|Learn|Read|See) more from (?!Protocol\b)(?P<sponsor>[A-Z][\w&.'’-]*(?: [A-Z&][\w&.'’-]*){0,3})"
)
"""Such a link that names who paid."""

CALL_VERBS: Final = frozenset(
    "apply ask book check contact discover donate download explore find get join learn meet read register request "
    "reserve see shop start talk try view visit watch".split()
)
LONGEST_CALL: Final = 36
"""A call upon the reader, as advertisements end: so many characters at most, the first of them such a verb."""

SPONSOR_KICKERS: Final = (
    "sponsored content|sponsored|sponsored post|paid post|paid content|partner content|brand content|"
    "presented by our partner|advertorial|from our partner|from our sponsor|a message from our sponsor|"
    "a message from our sponsors|a word from our sponsor|a word from our sponsors"
).split("|")

_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May\.?|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
DAY: Final = (
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\.?,?\s+)?"
    rf"(?:(?:(?P<day>\d{{1,2}})\s+)?(?P<month>{_MONTH})(?(day)|\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)"
    r",?\s+(?P<year>(?:19|20)\d\d)"
    r"|(?P<iso>(?:19|20)\d\d-\d\d-\d\d)(?:T[\d:.]+Z?)?|(?P<month3>\d\d?)/(?P<day3>\d\d?)/(?P<year3>(?:19|20)\d\d))"
)
_TIME = r"\d{1,2}[:.]\d\d\s*(?:[ap]\.?\s?m\.?)?(?:\s+(?:[A-Z]{2,4}|(?:[A-Z]\.){2,3}))?"
DATE: Final = Pattern(
    r"(?:(?:(?:Last\s+)?(?:Updated|Published|Posted)(?:\s+on)?:?|Date:|Sent:)\s+)?"
    rf"(?:{_TIME},?\s+)?{DAY}(?:,?\s+(?:at\s+|[|/]\s*)?{_TIME})?(?:\s*[·•|(].{{0,30}})?\.?",
    re.I,
)
"""A line that is a date, with what may stand around it ("Updated: Aug. 12, 2022 at 5:04 p.m. EDT.")."""

UPDATED: Final = Pattern(rf"(?:Last )?Updated(?: on)?:? {_MONTH} \d{{1,2}},?(?: at)? {_TIME}\.?", re.I)
"""A line that says when a story was updated, without the year."""

PARTICLES: Final = (
    "(?:de|da|do|di|del|dei|della|degli|des|dos|du|la|le|van|von|vom|zu|zum|zur|der|den|ten|ter|te|[’']t|af|av|al|el|bin|"
    "binte?|ibn|ben|abu|ap|ab|wa|y|e)"
)
"""What stands between the words of a name."""
CAPITAL: Final = r"(?:(?:[dl]['’]|[ae]l-)?[^\W\d_a-z])"
"""How a word of a name begins: "d'Arcy", "al-Harbi"."""
AFTER_A_TITLE: Final = (
    r"(?:(?<=\b[A-Z]\.)|(?<=\b(?:St|Dr|DR|Mr|MR|Ms|MS|Mx|Fr|Lt|Jr|Sr|vs)\.)"
    r"|(?<=\b(?:Mrs|Sen|Rep|Gov|Rev|Hon|Col|Gen|Sgt)\.)|(?<=\b(?:Prof|Capt)\.))"
)
"""Behind the full stop of an initial or a title, which ends no sentence."""
PERSON: Final = Pattern(
    rf"(?:(?:Dr|Mr|Ms|Mrs|Mx|Prof)\. )?{CAPITAL}[\w'’.-]*(?: {PARTICLES}| [\"“‘(]?{CAPITAL}[\w'’.-]*[\"”)]?){{1,4}}"
    r"(?:,? (?:Jr|Sr)\.|,? I{2,3})?"
)
"""Two to five capitalised words, with the particles that stand between them."""
NO_NAMES: Final = frozenset("how we the what why our your is with this that who when where a an".split())
"""Words that no person is called."""
NO_SURNAMES: Final = tuple(
    "tion tions sion sions ility ivity osity unity urity quity ism logy gence omics onics acy olicy onomy "
    "ustry edia Work".split()
)
"""Endings of nouns that no person is called: "Artificial Intelligence" and "Gig Work" are subjects."""
NO_ORGANISATIONS: Final = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday today yesterday tomorrow".split()
)
"""Words that alone are no organisation's name."""
TEAM: Final = Pattern(r"(?:^|,? (?:and|&) |, )(?:the )?(?:(?!and )[\w&'’|]+ ){1,4}(?:team|staff)$")
"""The part of a byline that names nobody: "and the Policy team"."""
PEOPLE_JOINT: Final = Pattern(r",? (?:and|&|\+|with) |, (?!Jr|Sr)")

ORGANISATION: Final = frozenset(
    "Inc Corp Co Ltd LLC Association Alliance Foundation Institute Council Coalition Group Bank Labs Systems Cloud "
    "Technologies Technology Software Networks Partners Ventures Capital University Center Union Federation Society "
    "Media Health Energy Robotics Security Services Solutions Chamber Commission Studios Federal Mutual Insurance "
    "Credit Trust Holdings Financial Consulting Logistics Pharma Company Industries Global International Digital "
    "Interactive Analytics Data Mobile Motors Network Forum College School Initiative Project Fund Advisors "
    "Payments Exchange Research Learning Agency Authority Board Bureau Collective Cooperative Laboratories Museum "
    "Press Store AI USA Instruments Materials Devices Products Brands Foods Farms Freight Airlines Semiconductors "
    "Therapeutics Benefits Staffing Builders Manufacturers Retailers Communications Wireless Broadband Aerospace Sciences "
    "Platforms Marketplace Insurers Growers Grocers Workers Investors Engineers Properties Hospitals Clinics Schools "
    "Libraries Airports Railways Railroads Telecom Utilities Aviation Electronics Pharmaceuticals".split()
)
"""Words that only an organisation's name has."""
COMMON_IN_NAMES: Final = frozenset(
    "American National United First New North South East West Great General Central Royal Big Open Free Public".split()
)
"""Words that begin the names of organisations and that none is called by alone."""

WRITERS_SAY: Final = frozenset(
    "reporter editor writer journalist correspondent columnist freelance freelancer "
    "reports reporting covers covered covering hosts writes write wrote edits edited previously Previously "
    "formerly joined newsroom bureau journalism byline pseudonym author co-author contributor contributing intern "
    "officer president director teaches taught professor lecturer fellow "
    "he He he's she She she's his His her Her him I I'm I've my My".split()
)
"""Words in the biographies of writers, which the descriptions of organisations lack."""
ORGANISATIONS_SAY: Final = frozenset(
    "its Its we We we're We're our Our us provides serves represents helps operates connects builds makes founded Founded "
    "headquartered customer customers clients members companies businesses platform employs believe Trusted trusted visit "
    "nonprofit provider company firm maker manufacturer insurer supplier cooperative coalition association alliance "
    "charity employees associates employers households patients retailers brands products services industry "
    "hospitals clinics countries continents worldwide nationwide largest manufactures supplies markets sells develops "
    "designs produces exports insures invests finances advises unites promotes protects publishes offers monitors partners "
    "brings delivers supports accredited established Established Since FDIC Members Member".split()
)
"""Words that organisations use about themselves."""
HAPPENED: Final = Pattern(r" (?:said|announced) | (?:on|said) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
"""What the first paragraph of a report says, and decks do not."""
NEWS: Final = frozenset(
    "said told asked announced hasn't haven't hadn't didn't won't wasn't couldn't doesn't spokesperson spokeswoman "
    "spokesman yesterday Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mondays Tuesdays Wednesdays "
    "Thursdays Fridays".split()
)
"""Words in reports about an organisation that its own description lacks."""
REPORTED: Final = frozenset("said says told tells asked asks wrote promised warned".split())
"""Words that report what somebody says, as furniture never does."""
FIRST_PERSON: Final = ("I ", "I'm ", "I’m ", "I've ", "I’ve ", "My ", "We ", "Our ")
"""Openings of biographies in the first person."""

_SENTENCE_OPENS = r"(?:^|[.?!:;…][\"”’')]* )"
_OBJECT = (
    r"(?: (?:an?|the|your|our|us|it|yours|now|today|here|this|for|up|more|online|with|to|out|in|how|what|why|[A-Z])\b"
    r"|[.?!]?$)"
)
"""What follows a verb that calls upon somebody, but no noun that is spelt alike: "Book a demo", not "Book sales"."""
SELLING_CALL: Final = Pattern(
    _SENTENCE_OPENS
    + r"(?:(?:Discover|Explore|Join|RSVP|Contact us|Find out|Get started|Get (?:a|the|your)|Hear from|Learn (?:how|more"
    r"|what|why)|Order (?:before|by|now|today)|Read (?:how|more|our|the (?:full|latest|new|[A-Z]\w+))|See (?:how|our|what|why)"
    rf"|Start (?:a|your|yours)|Try it)\b|(?:Book|Download|Register|Request|Reserve|Save|Schedule|Sign|Visit)"
    rf"(?={_OBJECT}))[^.?!]*[.?!]?$"
)
"""A last sentence that calls upon the reader as news does not."""
_CALLS: Final = "|".join(sorted(CALL_VERBS - {"ask", "read", "see"}))
ANY_CALL: Final = Pattern(
    r"[.?!:] (?:(?:To|If) [^.?!]*, )?"
    rf"(?:(?:{_CALLS}|{_CALLS.title()})(?={_OBJECT})|(?:[Rr]ead our|[Aa]sk for)\b)[^.?!]*[.?!]?$"
)
"""A last sentence that may call upon the reader."""
US: Final = Pattern(r"\b(?:[Oo]ur|[Ww]e)\b")
"""Who pays for a text says "we" in it; reporters do so in quotations."""
QUOTED: Final = Pattern(r"[\"“][^\"“”]*[\"”]")
OFFER: Final = Pattern(
    r"\b(?:new|free)\b,?(?: [\w'’-]+,?){0,3} "
    r"(?:guide|report|survey|paper|book|kit|forum|trial|assessment|consultation|event|course)\b"
)
"""Something new or free that a paid text offers; together with "your", it is offered to the reader."""
WIRE_SIGNS: Final = ("Photographer: ", "Picture date: ", "(Photo by ", "(AP Photo", "FILE - ")
"""Phrases that wire services write in picture descriptions."""

ABBREVIATED: Final = (" Co.", " Inc.", " Corp.", " Ltd.", " Jr.", " Sr.", "U.S.", "U.K.", "D.C.", "vs.")
"""Abbreviations, whose full stop does not end a sentence."""

_AGENCIES = (
    r"Getty(?: Images)?(?: Plus)?|AFP|Bloomberg|Reuters|Unsplash|Shutterstock|iStock|AP|PA Images|Protocol|Pexels|"
    r"Flickr|Pixabay|Wikimedia Commons"
)

_PAID_LABELS = (
    r"a (?:message|word) from(?: our (?:sponsor|partner),?)?",
    r"(?:(?:paid|sponsor(?:ed)?|partner) )+(?:content|post|message) (?:from|by):?",
    r"(?:sponsored|presented|brought to you|paid for) (?:from|by):?",
    r"(?:in partnership|together) with:?",
    r"(?:content (?:from|by)|from) our (?:sponsor|partner)s?(?:,| at)?(?= (?-i:[^\W_a-z]))",
    r"(?:sponsored|(?:sponsor|partner) message|ad):",
)
_NAMED = r"(?!(?:the |our )?(?:editors?|newsroom|staff|team|readers?)\b)(?=(?:the )?(?-i:\S*[A-Z\d]|\w+\.[a-z]{2,}$))"
_NO_CLAUSE = r"(?!(?<!(?-i:\.[A-Z]))(?<!(?-i:\bSt))\. |, (?-i:[a-z])|(?-i:(?: [a-z]+){4}))"
SPONSOR_LABEL: Final = Pattern(
    rf"(?:{'|'.join(_PAID_LABELS)})\s+{_NAMED}(?P<sponsor>(?:{_NO_CLAUSE}[^!?]){{2,60}}?!?)\s*:?", re.I
)
"""A line that says who paid; only as a whole line, and only where it reads like a label."""

SIGNOFF_LINKS: Final = Pattern(
    r"(?P<who>[^\W\d_a-z][^,:;!?•(]{2,40}?)\s*\((?:email|twitter|e-mail|@\w+)"
    r"(?: ?[|/,] ?(?:email|twitter|e-mail|@\w+))*\)$"
)
LINKS_OF_A_NAME: Final = Pattern(r" ?\((?:email|twitter|e-mail|@\w+)[^()]*\)")
"""Links in brackets after a name in a sign-off."""
FUSED_SIGNOFF: Final = Pattern(
    r"(?:[—–-]{1,2} ?(?P<linked>[^\W\d_a-z][^,:;!?•()]{2,40}) ?\((?:email|twitter|e-mail|@\w+)[^()]{0,30}\)(?=\w)"
    r"|[—–] ?(?P<bare>(?:[^\W\d_a-z][\w'’.-]* ){1,3}[^\W\d_a-z][\w'’-]*?)(?<=[a-z]{3})(?=[A-Z][\w'’]* \w))"
)
"""A sign-off that runs into the line below it."""
SIGNED_AT_END: Final = Pattern(rf"[.!?] ?[—–] ?({PERSON.pattern})$")
"""A text with a sign-off, or the name of who is quoted, in its last line."""
SELF_BIO: Final = Pattern(
    PERSON.pattern
    + r",?(?: ?\(.{2,40}?\))?,? (?:is|was|covers|covered|writes|reports|leads|edits|hosts|joined)\b"
)
"""A biography that names whom it is about, where no author's line stands above it."""
_WRITER = rf"[^\W\d_a-z][\w'’.-]*(?: (?:{PARTICLES} )*{CAPITAL}[\w'’-]+){{1,3}}"
WRITTEN_BY: Final = Pattern(rf"\b[Ww]ritten by ({_WRITER}(?:(?:,| and|, and) {_WRITER})*)")
"""The writer's name in the last lines of a newsletter."""
_NEWSLETTER_WRITER = rf"[^\W\d_a-z][\w'’.-]+(?: (?:{PARTICLES} )*{CAPITAL}[\w'’-]+){{1,2}}"
INTRODUCTION: Final = Pattern(
    rf"\b(?:I['’]m|[Mm]y name is) ({_NEWSLETTER_WRITER})"
    rf"|(?:^|[.!?] )([^\W\d_a-z][^\W\d_A-Z][\w'’-]*(?: (?:{PARTICLES} )*{CAPITAL}[^\W\d_A-Z][\w'’-]*){{1,2}}) here[.,!]"
)
"""A newsletter's writer giving a name in the greeting."""

CAPTION_WITH_CREDIT: Final = Pattern(
    r"[A-Z].{6,90}?(?:[.!?”\"’')]| [|–—-]) \(?(?:Photo|Photograph|Image|Illustration|Credit)(?:: ?| by )[A-Z@][^.!?]{1,60}$"
)
"""A caption and its credit in one line, which counts as a credit."""
AGENCY_CREDIT: Final = Pattern(
    rf"(?:[^.!?]{{2,70}}[/;]\s?|[^.!?]{{2,60}} (?:via|for) )(?:{_AGENCIES})\b[^.!?]{{0,40}}$"
    r"|[^.!?]{2,60} (?:on (?:Unsplash|Flickr|Pexels|Pixabay|Shutterstock|iStock)|from (?:the )?Noun Project)$"
    r"|[A-Z][\w&'’. -]{1,30}(?: ?/ ?)[A-Z][\w.&'’ -]{2,40}$"
)
"""A credit with no label: "NAME/Getty Images", "NAME via AFP", "Outlet/ NAME"."""
BARE_AGENCIES: Final = (
    "getty images|getty|reuters|afp|ap photo|associated press|the associated press|unsplash|shutterstock|istock|"
    "pixabay|pexels|"
    "wikimedia commons|flickr|alamy|zuma press|afp via getty images"
).split("|")
"""Agencies that are credited without a photographer."""
CREDIT_REST: Final = Pattern(
    rf"(?:via |/ ?|for |and |on |; ?|& )?[^.!?]{{0,60}}(?:{_AGENCIES})\b[^.!?]{{0,40}}$"
    r"|(?:via|for|/|;) ?[A-Z][^.!?]{1,60}$"
)
"""The second half of a credit that was broken over two lines."""
CREDIT_GOES_ON: Final = ("via ", "/", ";")
"""Openings of the second half of a credit although the first looks complete."""
CREDIT_OPEN: Final = ("/", ";", ",", ":", "&", "(", " via", " for", " by", " of", " and")
"""Endings of a credit that continues on the next line."""

PROMO_ENDING: Final = Pattern(
    r"[.!?:] (?:Sign up|Subscribe|(?:Get|Read) (?:our|the) [\w ]{0,30}newsletter)\b[^.!?]{0,90}[.!]?$"
    r"|\b(?:sign up|subscribe) (?:here|now|today|below) ?[.!]?$"
    r"|\b(?:in|into|to) your inbox(?: (?:every|each) \w+)?[.!]?$"
)
PAGE_TITLE: Final = Pattern(r"[A-Z][\w' ]{2,30} updates$")
SITE_TITLE: Final = Pattern(r".{3,150} [-–|] Protocol(?: [-–—|] The people, power and politics of tech)?$")
"""A page's title as a browser shows it: with the site's name."""
BREADCRUMBS: Final = Pattern(
    r"[^.!?>»›]{2,40}(?: ?[>»›] ?[^>»›]{2,90}){2,}$|Home(?: ?[>»›/] ?[^>»›/:]{2,90})+$"
)
"""Breadcrumbs: the path to a page from the site's front page."""
TABS: Final = Pattern(r"[^!?|]{1,24}(?: \| [^!?|]{1,24}){2,}$")
"""Names side by side, like buttons or the cells of a table."""
LIST_ROW: Final = Pattern(rf"[^.!?]{{2,60}}(?: [—–-]|:) [$€£¥]\d|{_MONTH} \d{{1,2}}(?:, \d{{4}})? [—–-] \S")
"""A row of a list: a name and an amount, or a day and what happened then."""
ADDRESS: Final = Pattern(r"https?://\S+")
TRACKER: Final = Pattern(
    r"^[a-z][a-z |-]*author[A-Z]\w"
    r"|^(?:yes|no|true|false)[A-Z-].*(?:None|-)$|^(?:yes|no)-[\w-]*$"
    r"|^(?:(?!author\S)[\w| -])*+author\S.*None"
    r"|[.!?\w][0-9a-f]{10}$|^[\w./-]{28,}$"
)
"""Text left by a page's scripts: names joined to "None", hexadecimal tails."""


@lru_cache(maxsize=512)
def canonical_section(kicker: str) -> str | None:
    """The section that a printed kicker names: "Protocol | China" and "Protocol China" are "China".

    A series kicker is its own section; a label of paid content names none.
    """
    name = " ".join(kicker.replace("|", " ").split()).rstrip(":")
    short = re.sub(r"^(?:about )?protocol\s+", "", name, flags=re.I) or name
    known = _CANONICAL.get(short.casefold())
    if known is None and (name.casefold() in SPONSOR_KICKERS or SPONSOR_LABEL.fullmatch(name)):
        return None
    return known or short


_CANONICAL: Final = {name.casefold(): name for name in (*SECTIONS, *SERIES, *NEWSLETTERS)}


def _fixed_lines() -> dict[str, int]:
    fixed: dict[str, Kind] = {}
    for kind, names in (
        (Kind.CHROME, CHROME),
        (Kind.TRAILER, TRAILERS),
        (Kind.LINK, LINKS),
        (Kind.SPONSOR_KICKER, SPONSOR_KICKERS),
        (Kind.AGENCY_CREDIT, BARE_AGENCIES),
    ):
        fixed.update(dict.fromkeys(names, kind))
    fixed.update((f"{name}:", Kind.TRAILER) for name in TRAILERS)
    for name in (*SECTIONS, *SERIES):
        fixed[name.casefold()] = Kind.SECTION
    for name in NEWSLETTERS:
        # Without the site's name only this one is never a story's kicker.
        fixed.setdefault(name.casefold(), Kind.NEWSLETTER if name == "Source Code" else Kind.SECTION_OF_SITE)
    for name in NEWSLETTERS:
        fixed[f"{name.casefold()} podcast"] = Kind.SECTION
    for name in SECTIONS:
        fixed[f"protocol {name.casefold()}"] = Kind.NEWSLETTER
        fixed[f"protocol | {name.casefold()}"] = Kind.SECTION_OF_SITE
    for name in NEWSLETTERS:
        fixed.setdefault(f"protocol {name.casefold()}", Kind.NEWSLETTER)
        fixed.setdefault(f"protocol | {name.casefold()}", Kind.NEWSLETTER)
    fixed["live:"] = Kind.SECTION
    for name in STANDING_HEADS:
        fixed.setdefault(name, Kind.STANDING_HEAD)
    # The one heading that is a kicker as well as a trailer; its place decides.
    fixed["bulletins"] = Kind.BULLETINS
    return {text: int(kind) for text, kind in fixed.items()}


FIXED: Final = _fixed_lines()
"""The kind of whole lines, by their text in lower case with straight quotes."""
LONGEST_FIXED: Final = max(map(len, FIXED))
