/*
 * Deciding the recipients of a keyfile; see keyfile_recipients.h.
 */
#include "keyfile/keyfile_recipients.h"

#include "keyfile/recipients.h"
#include "seal/passphrase.h"

/* A copy of a set without a passphrase. */
static struct recipients *
copy_recipients(const struct recipients *from)
{
	struct recipients *to = recipients_new();
	char text[RECIPIENT_TEXT];

	for (size_t i = 0; i < recipients_count(from); i++) {
		recipients_text(from, i, text);
		/* Cannot fail: the text was made from a recipient. */
		if (recipients_add(to, text_of(text)) != STATUS_OK)
			continue;
	}
	return to;
}

static bool
use_passphrase(struct keyfile *v, struct unlock *u)
{
	const struct secret *known = identities_passphrase(u->identities);

	if (known == NULL)
		return false;
	v->recipients = recipients_new();
	recipients_set_passphrase(v->recipients, secret_copy(
	    secret_read(known), secret_len(known)), WORK_FACTOR_DEFAULT);
	return true;
}

struct recipients *
keyfile_recipients_known(const struct keyfile *v, const struct unlock *u)
{
	if (!v->exists || v->by_passphrase)
		return NULL;
	if (recipients_count(v->noted) != 0 &&
	    recipients_count(v->noted) == v->n_stanzas)
		return copy_recipients(v->noted);
	/*
	 * The only recipient is our identity, which opened it, if we have only
	 * one.
	 */
	if (v->n_stanzas == 1 && identities_count(u->identities) == 1) {
		struct recipients *own = recipients_new();

		identities_add_recipients(u->identities, own);
		return own;
	}
	return NULL;
}

static bool
refuse_others(struct keyfile *v)
{
	return reasons_fail(v->why, "%s: it is sealed to others than -r says, "
	    "and stays so: leave -r out, or use 'sallyport rekey' first",
	    v->path);
}

static bool
refuse_unknown(const struct keyfile *v)
{
	if (!v->exists)
		return reasons_fail(v->why, "%s: does not exist yet: say with "
		    "-r to whom it shall be sealed", v->path);
	return reasons_fail(v->why, "%s: sealed to %zu recipients by another "
	    "program, and an age file does not tell who they are: name all of "
	    "them with -r, or use 'sallyport rekey' once", v->path,
	    v->n_stanzas);
}

/* Uses the recipients that were given instead, if they can be all of them. */
static bool
use_given(struct keyfile *v, const struct recipients *given)
{
	if (v->exists && recipients_count(given) != v->n_stanzas)
		return reasons_fail(v->why, "%s: is sealed to %zu recipients, "
		    "and %zu were named: name all of them, or use 'sallyport "
		    "rekey'", v->path, v->n_stanzas, recipients_count(given));
	v->recipients = copy_recipients(given);
	return true;
}

static struct recipients *
own_recipients(struct keyfile *v, struct unlock *u)
{
	struct recipients *own;

	unlock_look(u);
	if (identities_count(u->identities) == 0)
		return NULL;
	own = recipients_new();
	identities_add_recipients(u->identities, own);
	v->own = u->from;
	return own;
}

bool
keyfile_recipients_keep(struct keyfile *v, const struct recipients *given,
    struct unlock *u)
{
	bool some = recipients_count(given) != 0;

	if (v->exists && v->by_passphrase)
		return some ? refuse_others(v) : use_passphrase(v, u);
	v->recipients = keyfile_recipients_known(v, u);
	if (v->recipients != NULL)
		return recipients_are_among(given, v->recipients) ||
		    refuse_others(v);
	if (some)
		return use_given(v, given);
	if (!v->exists)
		v->recipients = own_recipients(v, u);
	return v->recipients != NULL || refuse_unknown(v);
}

void
keyfile_recipients_set(struct keyfile *v, struct recipients *r)
{
	recipients_free(v->recipients);
	v->recipients = r;
}
