/*
 * Documents for programs; see document.h.  Knows no verb.
 */
#include "cli/document.h"

#include "base/clock.h"
#include "cli/say.h"

void
document_begin(struct document *d)
{
	buf_init(&d->buf, NULL);
	json_start(&d->json, &d->buf);
}

void
document_end(struct document *d)
{
	buf_append_text(&d->buf, TEXT("\n"));
	say_bytes(buf_data(&d->buf), buf_len(&d->buf));
	buf_release(&d->buf);
}

void
document_diagnostics(struct json *j, const struct conf_diagnostics *diagnostics)
{
	json_array(j, "diagnostics");
	for (size_t i = 0; i < diagnostics->n; i++) {
		const struct conf_diagnostic *f = &diagnostics->v[i];

		json_object(j, NULL);
		json_str(j, "severity", f->warning ? "warning" : "error");
		json_str(j, "file", f->file);
		if (f->line != 0)
			json_u64(j, "line", f->line);
		else
			json_null(j, "line");
		json_str(j, "text", f->text);
		json_object_end(j);
	}
	json_array_end(j);
}

void
document_time(struct json *j, const char *key, int64_t seconds)
{
	char text[CLOCK_TEXT];

	if (seconds == CONF_NO_TIME) {
		json_null(j, key);
		return;
	}
	(void)clock_format_s(text, seconds);
	json_str(j, key, text);
}

void
document_texts(struct json *j, const char *key, const struct conf_texts *texts)
{
	json_array(j, key);
	for (size_t i = 0; i < texts->n; i++)
		json_str(j, NULL, texts->v[i]);
	json_array_end(j);
}
