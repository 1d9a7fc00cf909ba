/*
 * The page for people, of documents as /status has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "pages/status_html.h"

/* 2026-12-02T00:00:00Z */
#define NOW	1796169600

static struct blocks *blocks;
static struct arena arena;
static struct buf page;

static int
set_up(void **state)
{
	(void)state;
	blocks = blocks_new(4096, 0);
	arena_init(&arena, blocks);
	buf_init(&page, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_release(&page);
	arena_release(&arena);
	blocks_free(blocks);
	return 0;
}

static void
make(const char *doc, bool only_bad)
{
	struct status_html s = {
		.doc = json_read(&arena, text_of(doc)),
		.now = NOW,
		.only_bad = only_bad,
		.style = TEXT("p{}"),
		.script = TEXT("1;"),
	};

	assert_non_null(s.doc);
	buf_release(&page);
	status_html(&s, &page);
	buf_append(&page, "", 1);
}

/* Where it stands; the page must have it. */
static const char *
place(const char *what)
{
	const char *at = strstr(buf_text(&page).p, what);

	if (at == NULL)
		fail_msg("lacks %s in %s", what, buf_text(&page).p);
	return at;
}

static bool
has(const char *what)
{
	return strstr(buf_text(&page).p, what) != NULL;
}

static void
keys_stand_by_their_urgency(void **state)
{
	(void)state;
	make("{\"attention\":[{\"key\":\"gone\",\"what\":\"w\",\"command\":"
	    "\"c\"}],\"keys\":["
	    "{\"name\":\"lasting\",\"state\":\"active\",\"expires\":null},"
	    "{\"name\":\"done\",\"state\":\"expired\",\"expires\":"
	    "\"2026-11-01T00:00:00Z\"},"
	    "{\"name\":\"later\",\"state\":\"active\",\"expires\":"
	    "\"2027-02-01T00:00:00Z\"},"
	    "{\"name\":\"sooner\",\"state\":\"unused\",\"expires\":"
	    "\"2026-12-12T00:00:00Z\"},"
	    "{\"name\":\"gone\",\"state\":\"rejected\",\"expires\":null}]}",
	    false);
	assert_true(place(">gone</span>") < place(">sooner</span> <"));
	assert_true(place(">sooner</span> <") < place(">later</span>"));
	assert_true(place(">later</span>") < place(">lasting</span>"));
	assert_true(place(">lasting</span>") < place(">done</span>"));
	(void)place("<h1 id=\"summary\">1 key needs you</h1>");
	/* It needs nothing, so it stands behind what does. */
	assert_true(place("Next to end: <strong class=\"name\">sooner"
	    "</strong>, in 10 days. Used by no route. Nothing is to be done") >
	    place("<p>w</p>"));
}

static void
the_next_one_to_end_is_told_with_its_users_and_its_remedy(void **state)
{
	static const char rest[] = "{\"name\":\"soon\",\"state\":\"expiring\","
	    "\"expires\":\"2026-12-12T00:00:00Z\",\"routes\":[\"r\",\"q\"]}],"
	    "\"routes\":[{\"name\":\"r\",\"clients\":[\"user a\",\"group b\"],"
	    "\"requests_last_minute\":7},{\"name\":\"q\",\"clients\":[\"10.0.0.0/8"
	    "\"],\"requests_last_minute\":0}],\"attention\":[{\"key\":\"gone\","
	    "\"what\":\"w\",\"command\":\"c\"},{\"key\":\"soon\",\"what\":\"v\","
	    "\"command\":\"add\",\"then\":[\"x\",\"y\",\"z\"],\"next\":\"soon-2\"}]}";
	char doc[1000];

	(void)state;
	(void)snprintf(doc, sizeof(doc), "{\"keys\":[{\"name\":\"gone\","
	    "\"state\":\"rejected\"},%s", rest);
	make(doc, false);
	(void)place("soon</strong>, in 10 days. Used by <span class=\"name\">r"
	    "</span>: <span class=\"name\">user a</span>, <span class=\"name\">"
	    "group b</span> (7 requests in the last minute); <span class="
	    "\"name\">q</span>: <span class=\"name\">10.0.0.0/8</span>.</p>");
	assert_true(place("Remedy: replace it by <strong class=\"name\">soon-2"
	    "</strong>, <a href=\"#need-1\">") < place("<p>w</p>"));
	/* What switches the old one off is not pasted with the others. */
	(void)place("<p class=\"then\">Then, when <span class=\"name\">soon-2"
	    "</span> is listed:</p>\n<pre><code><span>x</span>\n<span>y</span>"
	    "</code></pre>\n"
	    "<p class=\"then\">Then, when <span class=\"name\">soon</span> "
	    "is safe to revoke:</p>\n<pre><code><span>z</span></code></pre>");
	/* Where it is the first of all, it is not told twice. */
	(void)snprintf(doc, sizeof(doc), "{\"keys\":[%s", rest);
	make(doc, false);
	assert_false(has("Remedy:"));
	(void)place("soon</strong>, in 10 days.</p>");
}

static void
what_happened_lately_is_told(void **state)
{
	(void)state;
	make("{\"routes\":[{\"name\":\"r\",\"upstream\":\"u\",\"requests\":9,"
	    "\"requests_last_minute\":2},{\"name\":\"q\",\"upstream\":\"u\","
	    "\"requests\":1,\"requests_last_minute\":1}],\"upstreams\":[{"
	    "\"name\":\"u\"}],\"faults\":[{\"fault\":\"no_route\",\"count\":5,"
	    "\"last_minute\":4}],\"events\":[{\"at\":\"2026-12-01T23:59:50Z\","
	    "\"action\":\"key-expired\",\"key\":\"k\",\"text\":\"<b>\"}]}",
	    false);
	(void)place("<strong>3 requests in the last minute</strong>, 10 since");
	(void)place("<dt>no_route</dt><dd>4 in the last minute, 5 since");
	(void)place("10 s ago</time> &lt;b&gt;</li>");
	(void)place("Requests in the last minute</dt><dd>3</dd>");
}

static void
without_script_it_is_loaded_anew_unless_it_is_to_stay(void **state)
{
	struct status_html s = { .doc = json_read(&arena, TEXT("{}")),
		.now = NOW, .only_bad = true };

	(void)state;
	status_html(&s, &page);
	buf_append(&page, "", 1);
	(void)place("<noscript><meta http-equiv=\"refresh\" content=\"30\">");
	(void)place("href=\"?only=bad&amp;still\"");
	buf_release(&page);
	s.still = true;
	status_html(&s, &page);
	buf_append(&page, "", 1);
	assert_false(has("http-equiv"));
	(void)place("href=\"./?only=bad\"");
}

static void
only_what_is_bad_is_shown_on_demand(void **state)
{
	static const char doc[] = "{\"attention\":[],\"keys\":["
	    "{\"name\":\"good\",\"state\":\"active\"},"
	    "{\"name\":\"bad\",\"state\":\"expiring\"}],\"routes\":["
	    "{\"name\":\"works\",\"usable\":true},"
	    "{\"name\":\"fails\",\"usable\":false}]}";

	(void)state;
	make(doc, false);
	assert_true(has(">good<") && has(">works<"));
	make(doc, true);
	assert_true(has(">bad<") && has(">fails<"));
	assert_false(has(">good<") || has(">works<"));
}

static void
a_route_has_the_colour_of_the_key_that_serves_it(void **state)
{
	(void)state;
	make("{\"keys\":[{\"name\":\"k\",\"state\":\"rejected\"},"
	    "{\"name\":\"l\",\"state\":\"expiring\"},"
	    "{\"name\":\"m\",\"state\":\"active\"}],\"routes\":["
	    "{\"name\":\"a\",\"usable\":true,\"serves\":\"k\"},"
	    "{\"name\":\"b\",\"usable\":true,\"serves\":\"l\"},"
	    "{\"name\":\"c\",\"usable\":true,\"serves\":\"m\"},"
	    "{\"name\":\"d\",\"usable\":false,\"serves\":null}]}", false);
	(void)place("card over\"><h3 class=\"name\">a<");
	(void)place("card soon\"><h3 class=\"name\">b<");
	(void)place("card fine\"><h3 class=\"name\">c<");
	(void)place("card over\"><h3 class=\"name\">d<");
}

static void
a_life_is_a_bar_of_what_is_left(void **state)
{
	(void)state;
	make("{\"keys\":[{\"name\":\"a\",\"state\":\"active\",\"created\":"
	    "\"2026-11-22T00:00:00Z\",\"expires\":\"2027-01-01T00:00:00Z\"}]}",
	    false);
	(void)place("until <time datetime=\"2027-01-01T00:00:00Z\">2027-01-01 "
	    "00:00 UTC</time>");
	(void)place("class=\"left\" width=\"75\"");
	(void)place("<strong>30 days left</strong>");
	make("{\"keys\":[{\"name\":\"a\",\"state\":\"active\",\"created\":null,"
	    "\"expires\":\"2027-01-16T00:00:00Z\"}]}", false);
	(void)place("class=\"left\" width=\"50\"");
	make("{\"keys\":[{\"name\":\"a\",\"state\":\"expired\","
	    "\"expires\":\"2026-11-02T00:00:00Z\"}]}", false);
	(void)place("class=\"left\" width=\"0\"");
	(void)place("<strong>ended 30 days ago</strong>");
}

static void
no_text_is_markup(void **state)
{
	(void)state;
	make("{\"version\":\"<b>\",\"configuration\":\"<b>\",\"attention\":[{"
	    "\"key\":\"<b>\",\"what\":\"<b>\",\"command\":\"<b>\"}],\"keys\":["
	    "{\"name\":\"<b>\",\"state\":\"<b>\",\"expires\":"
	    "\"2027-01-01T00:00:00Z\",\"routes\":[\"<b>\",\"<b>\"],\"refused\":"
	    "{\"at\":null,\"diagnosis\":\"<b>\"},\"safe_to_revoke\":true,"
	    "\"safe_to_revoke_reason\":\"<b>\",\"requests\":\"<b>\"}],"
	    "\"routes\":[{\"name\":\"<b>\",\"keys\":[\"<b>\"],\"serves\":"
	    "\"<b>\",\"upstream\":\"<b>\",\"reason\":\"<b>\"}],\"upstreams\":["
	    "{\"name\":\"<b>\",\"url\":\"<b>\",\"proxy\":\"<b>\"}],"
	    "\"listeners\":[{\"name\":\"<b>\",\"address\":\"<b>\"}],"
	    "\"reload\":{\"result\":\"<b>\"}}", false);
	/* But for our own, before a reason. */
	assert_false(has("<b><") || has("<b>,") || has("<b>\""));
	assert_null(strstr(place("<b>yes</b>: &lt;b&gt;") + 1, "<b>"));
}

static void
each_matter_has_its_command_and_a_shared_one_is_told_once(void **state)
{
	const char *at;

	(void)state;
	make("{\"attention\":["
	    "{\"key\":null,\"what\":\"one\",\"command\":\"do  --a\"},"
	    "{\"key\":null,\"what\":\"two\",\"command\":\"do  --a\"},"
	    "{\"key\":null,\"what\":\"three\",\"command\":null},"
	    "{\"key\":null,\"what\":\"four\",\"command\":null}]}", false);
	/* Its words are not broken at hyphens, and copied as they are. */
	at = place("<code><span>do</span> <span></span> <span>--a</span>"
	    "</code>");
	assert_true(place("<p>two</p>") < at);
	assert_null(strstr(strstr(at, "--a") + 1, "--a"));
	assert_true(place("<p>four</p>") > place("<p>three</p>\n</li>"));
	(void)place("No key needs you, but something else does</h1>");
}

static void
a_document_that_lacks_everything_is_shown(void **state)
{
	(void)state;
	make("{}", false);
	(void)place("No key needs you</h1>");
	(void)place("There is no key.");
	make("[]", true);
	(void)place("No key is in trouble.");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(keys_stand_by_their_urgency),
		CASE(the_next_one_to_end_is_told_with_its_users_and_its_remedy),
		CASE(what_happened_lately_is_told),
		CASE(without_script_it_is_loaded_anew_unless_it_is_to_stay),
		CASE(only_what_is_bad_is_shown_on_demand),
		CASE(a_route_has_the_colour_of_the_key_that_serves_it),
		CASE(a_life_is_a_bar_of_what_is_left),
		CASE(no_text_is_markup),
		CASE(each_matter_has_its_command_and_a_shared_one_is_told_once),
		CASE(a_document_that_lacks_everything_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
