"""What is searched for when time is taken: as people type, over the archives of the test data."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from byline.request import SearchRequest

QUERIES = (
    "transparent government",
    "should the government be transparent",
    "power of the union to raise armies",
    "how to make a web site accessible",
    "the pleasure of lying in bed",
    "agile procurement",
    "taxation without consent",
    "open source in government",
    "democracy and the newspapers",
    "war and peace",
    "content strategy for agencies",
    "design research interviews",
    "liberty of the press",
    "social media policy",
    "plain language writing",
    "standing armies in time of peace",
    "house of representatives elections",
    "mobile first design",
    "customer satisfaction survey results",
    "the novelist and the public",
    "cloud hosting",
    "why poets are poor",
    "hiring engineers for public service",
    "rights of man",
    "trial by jury",
    "using analytics to improve a page",
    "contact centers",
    "a defence of nonsense",
    "religious liberty in the colonies",
    "prototype testing with real users",
    "commerce between the states",
    "artificial intelligence chatbots",
    "hackathon winners",
    "the president's veto",
    "puritans and prohibition",
    "crowdsourcing prizes and challenges",
    "emergency alerts during hurricanes",
    "monarchy and hereditary succession",
    "video captions",
    "api documentation",
)

#: About what none of these archives is about: the nearest are far, and no two of them alike.
ELSEWHERE = (
    "does vitamin d prevent fractures in the elderly",
    "how glaciers carve valleys",
    "offside rule in football",
    "sourdough starter at high altitude",
    "the role of mitochondria in ageing",
    "electric guitars of the sixties",
    "should zoos keep elephants",
    "black holes evaporate",
    "treating asthma in children",
    "chess openings for beginners",
    "is it ethical to eat meat",
    "antibiotic resistance of soil bacteria",
    "growing tomatoes on a balcony",
    "the best way to learn violin",
    "gene expression in zebrafish embryos",
    "video games and violent behaviour",
)

_BLANKS = count(1)


def unremembered(request: SearchRequest) -> SearchRequest:
    """The same search, whose query's vector has to be made: as many blanks follow the text as
    have followed none in this process."""
    query = request.query
    return replace(request, query=replace(query, meaning=query.meaning + " " * next(_BLANKS)))
