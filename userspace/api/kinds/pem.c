// SPDX-License-Identifier: GPL-2.0-or-later
/* pem.c - certificates and requests for them inside objects, see csr.h */
#include <stdio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "api/kinds/csr.h"
#include "base/base64.h"
#include "base/util.h"

#define REQUEST "CERTIFICATE REQUEST"
#define CERTIFICATE "CERTIFICATE"

struct block {
	char *name, *header;
	unsigned char *bytes;
	long len;
};

static void block_free(struct block *b)
{
	OPENSSL_free(b->name);
	OPENSSL_free(b->header);
	OPENSSL_free(b->bytes);
	*b = (struct block){ 0 };
}

static const char *request_fault(const struct block *b)
{
	const unsigned char *p = b->bytes;
	X509_REQ *req = d2i_X509_REQ(NULL, &p, b->len);
	const char *why = NULL;
	EVP_PKEY *key;

	if (!req)
		return "asn1: structure error: tags don't match";
	key = X509_REQ_get0_pubkey(req);
	if (!key || X509_REQ_verify(req, key) != 1)
		why = key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA ? "crypto/rsa: verification error" :
		      "x509: ECDSA verification failure";
	X509_REQ_free(req);
	return why;
}

const char *csr_fault(const char *base64)
{
	struct buf pem = { 0 };
	BIO *bio;
	const char *why = "PEM block type must be CERTIFICATE REQUEST";
	struct block b = { 0 };

	base64_decode(base64, strlen(base64), &pem);
	bio = BIO_new_mem_buf(pem.data ? pem.data : "", (int)pem.len);
	if (PEM_read_bio(bio, &b.name, &b.header, &b.bytes, &b.len) == 1 && streq(b.name, REQUEST))
		why = request_fault(&b);
	block_free(&b);
	BIO_free(bio);
	buf_free(&pem);
	return why;
}

const char *certificates_fault(const char *pem, size_t len)
{
	static char other[128];
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	const char *why = NULL;
	struct block b = { 0 };
	int n = 0;

	while (!why && PEM_read_bio(bio, &b.name, &b.header, &b.bytes, &b.len) == 1) {
		const unsigned char *p = b.bytes;
		X509 *crt = d2i_X509(NULL, &p, b.len);

		n++;
		snprintf(other, sizeof(other), "only CERTIFICATE PEM blocks are allowed, found \"%s\"", b.name);
		if (!streq(b.name, CERTIFICATE))
			why = other;
		else if (b.header && *b.header)
			why = "no PEM block headers are permitted";
		else if (!crt)
			why = "x509: malformed certificate";
		X509_free(crt);
		block_free(&b);
	}
	BIO_free(bio);
	return why || n ? why : "must contain at least one CERTIFICATE PEM block";
}

const char *certificate_fault(const char *base64)
{
	struct buf pem = { 0 };
	const char *why;

	base64_decode(base64, strlen(base64), &pem);
	why = pem.len ? certificates_fault(pem.data, pem.len) : NULL;
	buf_free(&pem);
	return why;
}
