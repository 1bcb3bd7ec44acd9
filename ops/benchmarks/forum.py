"""Reading the forum: what is new in a category, a thread with its replies, what is discussed most."""

from functools import partial

from groups.api.forum import ThreadViewSet
from groups.models import ForumCategory
from ops.benchmarks import talk
from ops.benchmarks.read import Read, get
from ops.benchmarks.sample import Sample

LIMIT = 50.0  # ms, document B
THREADS = ThreadViewSet.as_view({"get": "list"})
POSTS = ThreadViewSet.as_view({"get": "posts"}, **ThreadViewSet.posts.kwargs)
TOP = ThreadViewSet.as_view({"get": "top"}, **ThreadViewSet.top.kwargs)


def reads(sample: Sample) -> list[Read]:
    reader = sample.few[:1]
    categories = list(ForumCategory.objects.order_by("position"))
    return [
        Read("forum: a category's threads", LIMIT, [
            partial(get, THREADS, user, {"category": category.slug}) for user in reader for category in categories],
            as_statements=True),
        Read("forum: a thread with its replies", LIMIT, [
            partial(get, POSTS, user, pk=str(thread.pk)) for user in reader for thread in talk.threads()],
            as_statements=True),
        Read("forum: threads of the week", LIMIT, [
            partial(get, TOP, user, {"category": category.slug} if category else {})
            for user in reader for category in (None, *categories[:1])], as_statements=True),
    ]
