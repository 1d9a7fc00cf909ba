/*
 * Shared by the tests of src/seal/; see by_age.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "seal/seal.h"
#include "by_age.h"

/* Writes to fd until the reader has all; in a child, so nothing waits. */
static pid_t
feed(int fd, const uint8_t *p, size_t n)
{
	pid_t pid = fork();
	ssize_t done;

	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	for (; n != 0; p += done, n -= (size_t)done) {
		if ((done = write(fd, p, n)) <= 0)
			_exit(1);
	}
	_exit(0);
}

struct buf
filter(const char *command, const uint8_t *p, size_t n)
{
	int in[2], out[2], status;
	pid_t pid, feeder;
	struct buf b;
	ssize_t got;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	feeder = feed(in[1], p, n);
	close(in[1]);
	buf_init(&b, NULL);
	while ((got = read(out[0], buf_reserve(&b, 65536), 65536)) > 0)
		buf_commit(&b, (size_t)got);
	close(out[0]);
	assert_int_equal(waitpid(feeder, &status, 0), feeder);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return b;
}

struct buf
age_seal(const char *options, const uint8_t *p, size_t n)
{
	char *command = xasprintf("exec age %s", options);
	struct buf sealed = filter(command, p, n);

	free(command);
	return sealed;
}

struct identities *
new_identity(char *recipient)
{
	struct identities *ids = identities_new();
	struct secret *text;
	unsigned line;

	assert_int_equal(identity_generate(0, &text, recipient), STATUS_OK);
	assert_int_equal(identities_parse(ids, secret_read(text),
	    secret_len(text), &line), STATUS_OK);
	secret_free(text);
	return ids;
}

void
age_user_init(struct age_user *u)
{
	struct secret *text;
	unsigned line;
	int fd;

	*u = (struct age_user){ .ids = identities_new(),
		.folder = "/tmp/test_seal.XXXXXX" };
	assert_non_null(mkdtemp(u->folder));
	u->path = xasprintf("%s/identity", u->folder);
	fd = open(u->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(identity_generate(0, &text, u->recipient),
	    STATUS_OK);
	assert_int_equal(write(fd, secret_read(text), secret_len(text)),
	    secret_len(text));
	close(fd);
	assert_int_equal(identities_parse(u->ids, secret_read(text),
	    secret_len(text), &line), STATUS_OK);
	secret_free(text);
}

void
age_user_release(struct age_user *u)
{
	unlink(u->path);
	rmdir(u->folder);
	free(u->path);
	identities_free(u->ids);
}

void
age_opens(const struct age_user *u, const struct buf *sealed,
    const uint8_t *p, size_t n)
{
	char *command = xasprintf("exec age -d -i %s", u->path);
	struct buf plain = filter(command, buf_data(sealed), buf_len(sealed));

	assert_int_equal(buf_len(&plain), n);
	assert_true(n == 0 || memcmp(buf_data(&plain), p, n) == 0);
	buf_release(&plain);
	free(command);
}

uint8_t *
pattern(size_t n)
{
	uint8_t *p = xmalloc(n);

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 31 + (i >> 8) * 7);
	return p;
}
