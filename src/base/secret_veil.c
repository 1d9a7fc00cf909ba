/*
 * Secret bytes for another process, encrypted; see secret_veil.h.
 */
#include "base/secret_veil.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/write.h"

#define SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

#define PIECE	((size_t)16 * 1024)

/*
 * AES-256 in counter mode from 0 on: the same for both ways.  A key is used for
 * one text only, and kernel memory that is sealed needs no authentication.
 */
static EVP_CIPHER_CTX *
begin(const uint8_t key[SECRET_VEIL_KEY])
{
	static const uint8_t zero[16];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();

	if (c != NULL && EVP_EncryptInit_ex2(c, EVP_aes_256_ctr(), key, zero,
	    NULL) == 1)
		return c;
	EVP_CIPHER_CTX_free(c);
	errno = ENOMEM;
	return NULL;
}

/* n is at most a piece; from and to may be the same. */
static bool
go_on(EVP_CIPHER_CTX *c, uint8_t *to, const uint8_t *from, size_t n)
{
	int done;

	if (EVP_EncryptUpdate(c, to, &done, from, (int)n) == 1)
		return true;
	errno = ENOMEM;
	return false;
}

static size_t
piece_of(size_t left)
{
	return left < PIECE ? left : PIECE;
}

static bool
write_veiled(int fd, const struct secret *s,
    const uint8_t key[SECRET_VEIL_KEY])
{
	EVP_CIPHER_CTX *c = begin(key);
	const uint8_t *from = secret_read(s);
	size_t left = secret_len(s), n;
	uint8_t piece[PIECE];
	bool good = c != NULL;

	while (good && left != 0) {
		n = piece_of(left);
		good = go_on(c, piece, from, n) && write_all(fd, piece, n);
		from += n;
		left -= n;
	}
	EVP_CIPHER_CTX_free(c);
	return good;
}

int
secret_veil(const struct secret *s, uint8_t key[SECRET_VEIL_KEY])
{
	int e, fd = memfd_create("sallyport", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		return -1;
	errno = EIO;
	if (RAND_priv_bytes(key, SECRET_VEIL_KEY) == 1 &&
	    write_veiled(fd, s, key) && lseek(fd, 0, SEEK_SET) == 0 &&
	    fcntl(fd, F_ADD_SEALS, SEALS) == 0)
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

static bool
unveil(struct secret *s, const uint8_t key[SECRET_VEIL_KEY])
{
	EVP_CIPHER_CTX *c = begin(key);
	uint8_t *at = secret_bytes(s);
	size_t left = secret_len(s), n;
	bool good = c != NULL;

	while (good && left != 0) {
		n = piece_of(left);
		good = go_on(c, at, at, n);
		at += n;
		left -= n;
	}
	EVP_CIPHER_CTX_free(c);
	return good;
}

struct secret *
secret_unveil(int fd, size_t max, const uint8_t key[SECRET_VEIL_KEY])
{
	struct secret *s;

	if (fcntl(fd, F_GET_SEALS) != SEALS) {
		errno = EINVAL;
		return NULL;
	}
	s = secret_from_fd(fd, max, NULL);
	if (s == NULL || unveil(s, key))
		return s;
	secret_free(s);
	return NULL;
}
