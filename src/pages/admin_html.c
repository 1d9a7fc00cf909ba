/*
 * / of an admin listener: /status for people; see admin_page.h.
 *
 * Style and script are within the page, and its policy (CSP, level 3) names
 * them by their digests: a browser runs nothing else, whatever a name holds.
 */
#include "pages/admin_page.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/json_read.h"
#include "pages/page_static.h"
#include "pages/status_html.h"

#define BLOCK_SIZE	4096

static void
join(struct buf *b, const char *const *lines)
{
	buf_init(b, NULL);
	for (; *lines != NULL; lines++)
		buf_append_text(b, text_of(*lines));
}

/* 'none' where it has no digest: the page is read without it. */
static void
put_source(struct buf *policy, const char *directive, struct text t)
{
	char encoded[BASE64_PADDED_LEN(DIGEST_SIZE)];
	uint8_t digest[DIGEST_SIZE];

	if (!digest_sha256(t.p, t.n, digest)) {
		buf_printf(policy, "%s 'none'; ", directive);
		return;
	}
	base64_encode_padded(digest, sizeof(digest), encoded);
	buf_printf(policy, "%s 'sha256-%.*s'; ", directive,
	    (int)sizeof(encoded), encoded);
}

static void
put_policy(struct buf *policy, const struct status_html *s)
{
	buf_append_text(policy, TEXT("default-src 'none'; "));
	put_source(policy, "style-src", s->style);
	put_source(policy, "script-src", s->script);
	buf_append_text(policy, TEXT("connect-src 'self'; img-src data:; "
	    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
}

static bool
asks_for(struct text query, struct text what)
{
	struct text part;

	while (text_split(&query, '&', &part)) {
		if (text_eq(part, what))
			return true;
	}
	return false;
}

void
admin_page_people(const struct admin_facts *f, struct admin_page *page)
{
	struct blocks *blocks = blocks_new(BLOCK_SIZE, 0);
	struct admin_page status = { 0 };
	struct status_html s = {
		.now = clock_wall() / NS_PER_S,
		.only_bad = asks_for(page->query, TEXT("only=bad")),
		.still = asks_for(page->query, TEXT("still")),
	};
	struct buf style, script;
	struct arena arena;

	join(&style, page_style);
	join(&script, page_script);
	s.style = buf_text(&style);
	s.script = buf_text(&script);
	arena_init(&arena, blocks);
	buf_init(&status.body, NULL);
	admin_page_status(f, &status);
	s.doc = json_read(&arena, buf_text(&status.body));
	page->status = 200;
	page->type = "text/html; charset=utf-8";
	status_html(&s, &page->body);
	put_policy(&page->policy, &s);
	buf_release(&status.body);
	arena_release(&arena);
	blocks_free(blocks);
	buf_release(&script);
	buf_release(&style);
}
