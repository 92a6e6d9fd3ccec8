/* SPDX-License-Identifier: GPL-2.0-or-later */
/* csr.h - PEM in objects, and names of signers */
#ifndef KEELSON_API_KINDS_CSR_H
#define KEELSON_API_KINDS_CSR_H

#include "api/meta/fielderr.h"

/* Why the base64 text holds no signed PKCS#10 request in PEM (static), or NULL. */
const char *csr_fault(const char *base64);
/* Why it holds something else than certificates in PEM, or NULL; an empty one is well. */
const char *certificate_fault(const char *base64);
/* The same of a text that is PEM itself. */
const char *certificates_fault(const char *pem, size_t len);
/* "example.com/signer-name" */
void validate_signer_name(const char *s, const char *path, struct field_errors *e);

#endif
