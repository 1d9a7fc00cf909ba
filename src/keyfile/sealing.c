/*
 * Sealed files and their headers; see sealing.h.
 */
#include "keyfile/sealing.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/secret.h"
#include "seal/armor.h"
#include "seal/sealer.h"
#include "tty/interrupt.h"
#include "tty/progress.h"

#define PIECE		((size_t)256 * 1024)
#define PROGRESS_EVERY	((uint64_t)32 << 20)

static enum status
collect(void *ctx, const uint8_t *p, size_t n)
{
	buf_append(ctx, p, n);
	return STATUS_OK;
}

/* The bytes inside of armor, as far as a header can extend. */
static void
take_off_armor(const uint8_t *p, size_t n, struct buf *inside)
{
	struct armor_reader *r = armor_reader_new();
	struct seal_writer w = { .write = collect, .ctx = inside };

	/* Errors do not matter: the header is complete, or is not used. */
	if (armor_read(r, p, n, w) != STATUS_OK ||
	    armor_read_end(r, w) != STATUS_OK)
		buf_append_text(inside, TEXT("\n"));
	armor_reader_free(r);
}

/* Grease stanzas, which readers must pass over, are no recipients. */
static bool
is_grease(struct text stanza)
{
	struct text type;

	return text_split(&stanza, ' ', &type) &&
	    text_ends_with(type, TEXT("-grease"));
}

static void
look_at_header(struct text header, bool *by_passphrase, size_t *n_stanzas)
{
	struct text line;

	while (header.n != 0 && text_split(&header, '\n', &line)) {
		if (text_starts_with(line, TEXT("---")))
			return;
		if (!text_starts_with(line, TEXT("-> ")))
			continue;
		line = text_range(line.p + 3, line.p + line.n);
		if (text_starts_with(line, TEXT("scrypt ")))
			*by_passphrase = true;
		if (!is_grease(line))
			++*n_stanzas;
	}
}

void
sealing_look(const uint8_t *p, size_t n, bool *armored, bool *by_passphrase,
    size_t *n_stanzas)
{
	struct text header = { .p = (const char *)p, .n = n };
	struct buf inside;

	buf_init(&inside, NULL);
	*armored = armor_is(p, n);
	*by_passphrase = false;
	*n_stanzas = 0;
	if (*armored) {
		take_off_armor(p, n, &inside);
		header = buf_text(&inside);
	}
	look_at_header(header, by_passphrase, n_stanzas);
	buf_release(&inside);
}

static enum status
write_file(void *ctx, const uint8_t *p, size_t n)
{
	return replace_write(ctx, p, n);
}

enum status
sealing_write(const struct recipients *to, bool armored, struct text plain,
    struct replacement *file)
{
	struct seal_writer out = { .write = write_file, .ctx = file };
	struct sealer *s = NULL;
	enum status status = sealer_new(to, armored, &s);

	if (status == STATUS_OK)
		status = sealer_push(s, (const uint8_t *)plain.p, plain.n,
		    out);
	if (status == STATUS_OK)
		status = sealer_end(s, out);
	sealer_free(s);
	return status;
}

enum status
sealing_pump(int fd, const char *doing, struct sealing_sink to)
{
	struct secret *piece = secret_new(PIECE);
	enum status status = STATUS_OK;
	uint64_t done = 0, shown = 0;
	ssize_t n = 1;

	while (status == STATUS_OK && n != 0) {
		if (!interrupt_wait_readable(fd)) {
			errno = EINTR;
			status = STATUS_SYSTEM;
			break;
		}
		n = read(fd, secret_bytes(piece), PIECE);
		if (n < 0) {
			status = STATUS_SYSTEM;
			break;
		}
		status = to.push(to.ctx, secret_read(piece), (size_t)n);
		done += (uint64_t)n;
		if (done - shown >= PROGRESS_EVERY) {
			shown = done;
			progress("%s: %llu MiB ...", doing,
			    (unsigned long long)(done >> 20));
		}
	}
	progress_end();
	secret_free(piece);
	return status;
}
