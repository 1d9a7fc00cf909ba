/*
 * The verb `unseal`.  No output appears before the input is authenticated to
 * its end: small inputs are opened in memory, files are read twice, OUT appears
 * only when all is well.  Only a long pipe to a pipe is written as it comes, as
 * far as it is authenticated.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/access.h"
#include "cli/output.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/source.h"
#include "keyfile/sealing.h"
#include "seal/opener.h"
#include "tty/progress.h"

/* Plain bytes that are held back until the input is authenticated. */
#define HELD_MAX	((size_t)1 << 20)

struct job {
	struct access access;
	const char *in;
	struct opener *opener;
	struct output out;
	bool write_failed;
	bool dry;			/* release nothing */
	struct secret *held;
	size_t n_held;
	bool released;
};

static enum status
release(struct job *job, const uint8_t *p, size_t n)
{
	struct seal_writer w = output_writer(&job->out);
	enum status status;

	/* Warnings about it are printed before it. */
	say_reasons(&job->access.why);
	if (output_is_terminal(&job->out))
		progress_end();
	status = n == 0 ? STATUS_OK : w.write(w.ctx, p, n);
	job->write_failed = status != STATUS_OK;
	return status;
}

static enum status
release_held(struct job *job)
{
	enum status status = release(job, secret_read(job->held),
	    job->n_held);

	job->released = true;
	job->n_held = 0;
	return status;
}

static enum status
take_plain(void *ctx, const uint8_t *p, size_t n)
{
	struct job *job = ctx;
	enum status status;

	if (job->dry)
		return STATUS_OK;
	if (!job->released && n <= HELD_MAX - job->n_held) {
		memcpy(secret_bytes(job->held) + job->n_held, p, n);
		job->n_held += n;
		return STATUS_OK;
	}
	if (!job->released && (status = release_held(job)) != STATUS_OK)
		return status;
	return release(job, p, n);
}

static enum status
push_sealed(void *ctx, const uint8_t *p, size_t n)
{
	struct job *job = ctx;
	struct seal_writer w = { .write = take_plain, .ctx = job };

	return n != 0 ? opener_push(job->opener, p, n, w) :
	    opener_end(job->opener, w);
}

static void
explain(struct job *job, enum status status)
{
	struct seal_fault fault = opener_fault(job->opener);

	if (status == STATUS_SYSTEM && errno == EINTR)
		return;
	if (status == STATUS_SYSTEM && job->write_failed)
		(void)say_failed("%s: %m", job->out.name);
	else
		unlock_explain(&job->access.unlock, job->in, &fault, status);
	say_reasons(&job->access.why);
	if (status != STATUS_SYSTEM && job->released && job->out.file == NULL)
		(void)say_failed("%s: what was written so far is not all of "
		    "it", job->out.name);
}

static bool
pass(struct job *job, int fd, const char *doing)
{
	const struct sealing_sink sink = { .push = push_sealed, .ctx = job };
	enum status status;

	job->opener = opener_new(job->access.unlock.identities);
	status = sealing_pump(fd, doing, sink);
	if (status == STATUS_OK && !job->dry)
		status = release_held(job);
	if (status != STATUS_OK)
		explain(job, status);
	opener_free(job->opener);
	return status == STATUS_OK;
}

/* A long file that can be read twice. */
static bool
wants_dry_pass(const struct job *job, int fd)
{
	struct stat st;

	return job->out.file == NULL && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode) && st.st_size > (off_t)HELD_MAX &&
	    lseek(fd, 0, SEEK_CUR) == 0;
}

static bool
unseal_from(struct job *job, int fd)
{
	job->access.unlock.opening = job->in;
	if (wants_dry_pass(job, fd)) {
		job->dry = true;
		if (!pass(job, fd, "verifying"))
			return false;
		if (lseek(fd, 0, SEEK_SET) != 0) {
			(void)say_failed("%s: %m", job->in);
			return false;
		}
		job->dry = false;
	}
	return pass(job, fd, "unsealing") && output_commit(&job->out);
}

/* The file would be lost, and its content be plain on the disk instead. */
static bool
is_input(int fd, const char *path)
{
	struct stat in, out;

	if (path == NULL || fstat(fd, &in) != 0 || !S_ISREG(in.st_mode) ||
	    stat(path, &out) != 0)
		return false;
	return in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

/* A file that is written again keeps its mode. */
static void
warn_of_mode(const struct output *out)
{
	struct stat st;

	if (out->file == NULL || stat(out->name, &st) != 0 ||
	    (st.st_mode & 077) == 0)
		return;
	say_warning("%s: its mode is %04o and stays so: others may use "
	    "what was sealed", out->name, st.st_mode & 07777);
}

static enum cli_exit
unseal_to(struct job *job, int fd, const char *path)
{
	bool good = false;

	if (!output_begin(&job->out, path))
		return CLI_FAILED;
	if (path == NULL && output_is_terminal(&job->out))
		return say_failed("will not show what is sealed on a "
		    "terminal: use -o FILE, or -o - to do it all the same");
	job->held = secret_new(HELD_MAX);
	if (is_input(fd, path))
		(void)say_failed("%s: is the input, too: name another output, "
		    "or use 'sallyport edit'", path);
	else
		good = unseal_from(job, fd);
	secret_free(job->held);
	if (good)
		warn_of_mode(&job->out);
	return good ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit
unseal_file(struct job *job, const struct cli_args *args)
{
	const char *in = args->n_operands != 0 ? args->operands[0] : "-";
	bool standard = source_is_standard(in);
	enum cli_exit result;
	int fd;

	job->in = source_name(in);
	fd = standard ? STDIN_FILENO :
	    open(in, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return say_failed("%s: %m", in);
	result = unseal_to(job, fd, cli_args_value(args, "output"));
	output_end(&job->out);
	if (!standard)
		(void)close(fd);
	return result;
}

static enum cli_exit
run_unseal(const struct cli_args *args)
{
	struct job job = { .out.fd = -1 };
	enum cli_exit result;

	if (!access_begin(&job.access, args))
		return CLI_FAILED;
	result = unseal_file(&job, args);
	access_end(&job.access);
	return result;
}

static const struct cli_option unseal_options[] = {
	CLI_UNLOCK_OPTIONS,
	{ .name = "output", .letter = 'o', .argument = "OUT",
	    .help = "Where to write (default: standard output)." },
	{ .name = NULL },
};

const struct verb verb_unseal = {
	.name = "unseal",
	.summary = "opens an age file",
	.options = unseal_options,
	.operands = "FILE",
	.max_operands = 1,
	.operands_are = CLI_FILE_OR_STANDARD_INPUT,
	.about = "Opens standard input or FILE, an age file, and writes what "
	    "is in it.  Will\nnot print to a terminal unless told so by "
	    "'-o -'.  Nothing is written of a\nfile that was cut or "
	    "altered; only of a long one that comes through a pipe,\nwhat "
	    "came before the damage.\n\n"
	    "OUT is made for its owner alone, mode 0600; where it exists "
	    "already it keeps\nits mode, with a warning if others may use "
	    "it.\n\n"
	    "To change what is sealed use 'sallyport edit': it never writes "
	    "it to a disk.\n",
	.example = "sallyport unseal -i identity -o - keys.age\n",
	.run = run_unseal,
};
