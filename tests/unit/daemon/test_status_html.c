/*
 * The page for people, of documents as /status has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "daemon/status_html.h"

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
	(void)place("Next to end: <strong class=\"name\">sooner</strong>, in "
	    "10 days");
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
a_life_is_a_bar_of_what_is_left(void **state)
{
	(void)state;
	make("{\"keys\":[{\"name\":\"a\",\"state\":\"active\",\"created\":"
	    "\"2026-11-22T00:00:00Z\",\"expires\":\"2027-01-01T00:00:00Z\"}]}",
	    false);
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
	    "{\"key\":null,\"what\":\"one\",\"command\":\"do a\"},"
	    "{\"key\":null,\"what\":\"two\",\"command\":\"do a\"},"
	    "{\"key\":null,\"what\":\"three\",\"command\":null},"
	    "{\"key\":null,\"what\":\"four\",\"command\":null}]}", false);
	assert_true(place("<p>two</p>") < place("<code>do a</code>"));
	at = place("<code>do a</code>");
	assert_null(strstr(at + 8, "do a"));
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
		CASE(only_what_is_bad_is_shown_on_demand),
		CASE(a_life_is_a_bar_of_what_is_left),
		CASE(no_text_is_markup),
		CASE(each_matter_has_its_command_and_a_shared_one_is_told_once),
		CASE(a_document_that_lacks_everything_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
