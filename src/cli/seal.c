/*
 * The verb `seal`.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/recipient_options.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/source.h"
#include "keyfile/sealing.h"
#include "seal/passphrase.h"
#include "seal/sealer.h"
#include "tty/progress.h"

struct job {
	struct sealer *sealer;
	struct output out;
	bool write_failed;
};

/* Notes that it was the writing that failed. */
static enum status
write_sealed(void *ctx, const uint8_t *p, size_t n)
{
	struct job *job = ctx;
	struct seal_writer w = output_writer(&job->out);
	enum status status = w.write(w.ctx, p, n);

	job->write_failed = status != STATUS_OK;
	return status;
}

static enum status
push_plain(void *ctx, const uint8_t *p, size_t n)
{
	struct job *job = ctx;
	struct seal_writer w = { .write = write_sealed, .ctx = job };

	return n != 0 ? sealer_push(job->sealer, p, n, w) :
	    sealer_end(job->sealer, w);
}

static enum cli_exit
explain(const struct job *job, const char *in, enum status status)
{
	if (status == STATUS_SYSTEM && errno == EINTR)
		return CLI_FAILED;
	if (status == STATUS_SYSTEM)
		return say_failed("%s: %m",
		    job->write_failed ? job->out.name : in);
	return say_failed("%s: %s", in, status_text(status));
}

static enum cli_exit
seal_input(struct job *job, int fd, const char *in)
{
	const struct sealing_sink sink = { .push = push_plain, .ctx = job };
	enum status status = sealing_pump(fd, "sealing", sink);

	if (status != STATUS_OK)
		return explain(job, in, status);
	return output_commit(&job->out) ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit
seal_to(const struct recipients *to, const struct cli_args *args, int fd,
    const char *in)
{
	const char *path = cli_args_value(args, "output");
	bool armored = cli_args_has(args, "armor");
	struct job job = { .sealer = NULL };
	enum cli_exit result = CLI_FAILED;
	enum status status;

	if (!output_begin(&job.out, path))
		return CLI_FAILED;
	if (path == NULL && !armored && output_is_terminal(&job.out)) {
		output_end(&job.out);
		return say_failed("will not print binary to a terminal: use "
		    "-o FILE, or -a for text, or -o - to do it all the "
		    "same");
	}
	progress("sealing ...");
	status = sealer_new(to, armored, &job.sealer);
	progress_end();
	if (status != STATUS_OK)
		result = say_failed("cannot seal: %s", status_text(status));
	else
		result = seal_input(&job, fd, in);
	sealer_free(job.sealer);
	output_end(&job.out);
	return result;
}

static enum cli_exit
seal_file(const struct recipients *to, const struct cli_args *args)
{
	const char *in = args->n_operands != 0 ? args->operands[0] : "-";
	bool standard = source_is_standard(in);
	int fd = standard ? STDIN_FILENO :
	    open(in, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum cli_exit result;

	if (fd < 0)
		return say_failed("%s: %m", in);
	result = seal_to(to, args, fd, source_name(in));
	if (!standard)
		(void)close(fd);
	return result;
}

static bool
set_passphrase(struct recipients *r, const struct cli_args *args)
{
	struct secret *given = input_passphrase(
	    cli_args_value(args, "passphrase-file"), true,
	    "New passphrase: ");

	if (given == NULL)
		return false;
	recipients_set_passphrase(r, given, WORK_FACTOR_DEFAULT);
	return true;
}

static enum cli_exit
run_seal(const struct cli_args *args)
{
	struct recipients *r = recipients_given(args);
	bool passphrase = cli_args_has(args, "passphrase") ||
	    cli_args_has(args, "passphrase-file");
	enum cli_exit result = CLI_FAILED;

	if (r == NULL)
		return CLI_FAILED;
	if (passphrase && recipients_count(r) != 0)
		result = say_usage(args->verb->name, "a file is sealed to "
		    "recipients or with a passphrase, not both");
	else if (!passphrase && recipients_count(r) == 0)
		result = say_usage(args->verb->name, "to whom? give -r, -R "
		    "or -p");
	else if (!passphrase || set_passphrase(r, args))
		result = seal_file(r, args);
	recipients_free(r);
	return result;
}

static const struct cli_option seal_options[] = {
	CLI_RECIPIENT_OPTIONS,
	{ .name = "passphrase", .letter = 'p',
	    .help = "Seals with a passphrase, asked for, instead." },
	CLI_PASSPHRASE_OPTION,
	{ .name = "armor", .letter = 'a',
	    .help = "Writes text that can be mailed or pasted." },
	{ .name = "output", .letter = 'o', .argument = "OUT",
	    .help = "Where to write (default: standard output)." },
	{ .name = NULL },
};

const struct verb verb_seal = {
	.name = "seal",
	.summary = "seals standard input or a file in age format",
	.options = seal_options,
	.operands = "FILE",
	.max_operands = 1,
	.operands_are = CLI_FILE_OR_STANDARD_INPUT,
	.about = "Seals standard input or FILE in age format, so that only "
	    "the recipients can\nopen it, or whoever knows the passphrase.  "
	    "What this seals, age opens.\nOUT appears only when it is "
	    "complete; one that is there is replaced.\n",
	.example = "sallyport seal -r age1... -o keys.age keys.conf\n",
	.run = run_seal,
};
