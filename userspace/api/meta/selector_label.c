// SPDX-License-Identifier: GPL-2.0-or-later
/* selector_label.c - see selector_label.h: lexer, recursive descent, matching */
#include "api/meta/selector_label.h"

#include <errno.h>

#include "api/schema/strlist.h"
#include "api/meta/validate.h"

enum op { OP_EXISTS, OP_ABSENT, OP_IN, OP_NOT_IN, OP_EQ, OP_NE, OP_GT, OP_LT };

struct requirement {
	enum op op;
	char *key;
	struct strlist values;
};

struct label_selector {
	struct requirement *reqs;
	size_t n;
};

enum token { T_END, T_ERROR, T_ID, T_IN, T_NOT_IN, T_NOT, T_OPEN, T_CLOSE, T_COMMA, T_EQ, T_EQEQ, T_NE, T_GT, T_LT };

struct lexeme {
	enum token tok;
	char *text;
};

struct parser {
	struct lexeme *lex;
	size_t n, at;
	char *msg;	/* the refusal, once there is one */
};

/* --- lexer ------------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_special(char c)
{
	return c && strchr("=!(),><", c);
}

static enum token symbol_token(const char *s, size_t n)
{
	static const struct {
		const char *text;
		enum token tok;
	} symbols[] = {
		{ ")", T_CLOSE }, { ",", T_COMMA }, { "!", T_NOT }, { "==", T_EQEQ }, { "=", T_EQ },
		{ ">", T_GT }, { "<", T_LT }, { "!=", T_NE }, { "(", T_OPEN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++)
		if (strlen(symbols[i].text) == n && !memcmp(symbols[i].text, s, n))
			return symbols[i].tok;
	return T_ERROR;
}

static void add_lexeme(struct parser *p, enum token tok, const char *s, size_t n)
{
	p->lex = xrealloc(p->lex, (p->n + 1) * sizeof(*p->lex));
	p->lex[p->n++] = (struct lexeme){ .tok = tok, .text = xstrndup(s, n) };
}

/* All lexemes with T_END last. Symbols are the longest that have a meaning. */
static void lex(struct parser *p, const char *s)
{
	for (;;) {
		size_t n = 1;

		while (is_space(*s))
			s++;
		if (!*s)
			break;
		if (is_special(*s)) {
			while (is_special(s[n]) && symbol_token(s, n + 1) != T_ERROR)
				n++;
			add_lexeme(p, symbol_token(s, n), s, n);
		} else {
			while (s[n] && !is_special(s[n]) && !is_space(s[n]))
				n++;
			add_lexeme(p, n == 2 && !memcmp(s, "in", 2) ? T_IN :
				   n == 5 && !memcmp(s, "notin", 5) ? T_NOT_IN : T_ID, s, n);
		}
		s += n;
	}
	add_lexeme(p, T_END, "", 0);
}

/* --- parser ------------------------------------------------------------------------ */

/* Where a value may stand, the words "in" and "notin" are values like any other. */
static enum token peek(const struct parser *p)
{
	enum token t = p->lex[p->at].tok;

	return t == T_IN || t == T_NOT_IN ? T_ID : t;
}

static const char *text(const struct parser *p)
{
	return p->lex[p->at].text;
}

static void advance(struct parser *p)
{
	if (p->lex[p->at].tok != T_END)
		p->at++;
}

static bool PRINTF(2, 3) refuse(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	if (!p->msg) {
		va_start(ap, fmt);
		p->msg = xvasprintf(fmt, ap);
		va_end(ap);
	}
	return false;
}

static void add_value(struct requirement *r, const char *v)
{
	if (!strlist_has(&r->values, v))
		strlist_take(&r->values, xstrdup(v));
}

/* "(a,b)" behind in and notin; empty members are empty values. */
static bool parse_values(struct parser *p, struct requirement *r)
{
	bool after_comma = true;

	if (peek(p) != T_OPEN)
		return refuse(p, "found '%s' expected: '('", text(p));
	advance(p);
	if (peek(p) == T_CLOSE) {
		advance(p);
		return true;
	}
	if (peek(p) != T_ID && peek(p) != T_COMMA)
		return refuse(p, "found '%s', expected: ',', ')' or identifier", text(p));
	for (;; advance(p)) {
		switch (peek(p)) {
		case T_ID:
			if (!after_comma)
				return refuse(p, "found '%s', expected: ',' or ')'", text(p));
			add_value(r, text(p));
			after_comma = false;
			break;
		case T_COMMA:
			if (after_comma)
				add_value(r, "");
			after_comma = true;
			break;
		case T_CLOSE:
			if (after_comma)
				add_value(r, "");
			advance(p);
			return true;
		default:
			return refuse(p, after_comma ? "found '%s', expected: ',', or identifier" :
				      "found '%s', expected: ',' or ')'", text(p));
		}
	}
}

static bool parse_operator(struct parser *p, struct requirement *r)
{
	switch (p->lex[p->at].tok) {
	case T_IN:
		r->op = OP_IN;
		break;
	case T_NOT_IN:
		r->op = OP_NOT_IN;
		break;
	case T_EQ:
	case T_EQEQ:
		r->op = OP_EQ;
		break;
	case T_NE:
		r->op = OP_NE;
		break;
	case T_GT:
		r->op = OP_GT;
		break;
	case T_LT:
		r->op = OP_LT;
		break;
	default:
		return refuse(p, "found '%s', expected: in, notin, =, ==, !=, gt, lt", text(p));
	}
	advance(p);
	return true;
}

static bool check_values(struct parser *p, const struct requirement *r)
{
	int64_t n;

	if ((r->op == OP_IN || r->op == OP_NOT_IN) && !r->values.n)
		return refuse(p, "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
	for (size_t i = 0; i < r->values.n; i++) {
		const char *v = r->values.items[i], *why = invalid_label_value(v);

		if ((r->op == OP_GT || r->op == OP_LT) && parse_i64(v, INT64_MIN, INT64_MAX, &n))
			return refuse(p, "values[%zu]: Invalid value: \"%s\": for 'Gt', 'Lt' operators, the value must be an integer", i, v);
		if (why)
			return refuse(p, "values[%zu][%s]: Invalid value: \"%s\": %s", i, r->key, v, why);
	}
	return true;
}

static bool parse_requirement(struct parser *p, struct requirement *r)
{
	const char *why;
	bool negated = peek(p) == T_NOT;

	if (negated)
		advance(p);
	if (peek(p) != T_ID)
		return refuse(p, "found '%s', expected: identifier", text(p));
	r->key = xstrdup(text(p));
	advance(p);
	why = invalid_label_key(r->key);
	if (why)
		return refuse(p, "<nil>: Invalid value: \"%s\": %s", r->key, why);
	if (negated || peek(p) == T_END || peek(p) == T_COMMA) {
		r->op = negated ? OP_ABSENT : OP_EXISTS;
		return true;
	}
	if (!parse_operator(p, r))
		return false;
	if (r->op == OP_IN || r->op == OP_NOT_IN) {
		if (!parse_values(p, r))
			return false;
	} else if (peek(p) == T_END || peek(p) == T_COMMA) {
		add_value(r, "");
	} else if (peek(p) == T_ID) {
		add_value(r, text(p));
		advance(p);
	} else {
		return refuse(p, "found '%s', expected: identifier", text(p));
	}
	return check_values(p, r);
}

static bool parse(struct parser *p, struct label_selector *s)
{
	for (;;) {
		if (peek(p) == T_END)
			return true;
		if (peek(p) != T_ID && peek(p) != T_NOT)
			return refuse(p, "found '%s', expected: !, identifier, or 'end of string'", text(p));
		s->reqs = xrealloc(s->reqs, (s->n + 1) * sizeof(*s->reqs));
		s->reqs[s->n] = (struct requirement){0};
		if (!parse_requirement(p, &s->reqs[s->n++])) {
			char *why = p->msg;

			p->msg = xasprintf("unable to parse requirement: %s", why);
			free(why);
			return false;
		}
		if (peek(p) == T_END)
			return true;
		if (peek(p) != T_COMMA)
			return refuse(p, "found '%s', expected: ',' or 'end of string'", text(p));
		advance(p);
		if (peek(p) != T_ID && peek(p) != T_NOT)
			return refuse(p, "found '%s', expected: identifier after ','", text(p));
	}
}

int label_selector_parse(const char *s, struct label_selector **ret, char **ret_msg)
{
	struct label_selector *sel = xnew0(struct label_selector);
	struct parser p = {0};
	bool ok;

	lex(&p, s);
	ok = parse(&p, sel);
	for (size_t i = 0; i < p.n; i++)
		free(p.lex[i].text);
	free(p.lex);
	if (ok) {
		*ret = sel;
		return 0;
	}
	label_selector_free(sel);
	*ret_msg = p.msg;
	return -EINVAL;
}

void label_selector_free(struct label_selector *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		free(s->reqs[i].key);
		strlist_free(&s->reqs[i].values);
	}
	free(s->reqs);
	free(s);
}

/* --- matching ---------------------------------------------------------------------- */

static bool requirement_match(const struct requirement *r, const char *v)
{
	int64_t have, want;

	switch (r->op) {
	case OP_EXISTS:
		return v;
	case OP_ABSENT:
		return !v;
	case OP_IN:
	case OP_EQ:
		return v && strlist_has(&r->values, v);
	case OP_NOT_IN:
	case OP_NE:
		return !v || !strlist_has(&r->values, v);
	case OP_GT:
	case OP_LT:
		if (!v || parse_i64(v, INT64_MIN, INT64_MAX, &have) ||
		    parse_i64(r->values.items[0], INT64_MIN, INT64_MAX, &want))
			return false;
		return r->op == OP_GT ? have > want : have < want;
	}
	return false;
}

bool label_selector_match(const struct label_selector *s, const json *labels)
{
	for (size_t i = 0; i < s->n; i++)
		if (!requirement_match(&s->reqs[i], json_str(json_get(labels, s->reqs[i].key))))
			return false;
	return true;
}

bool label_selector_pin(const struct label_selector *s, const char **ret_key, const char **ret_value)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct requirement *r = &s->reqs[i];

		if ((r->op != OP_EQ && r->op != OP_IN) || r->values.n != 1)
			continue;
		*ret_key = r->key;
		*ret_value = r->values.items[0];
		return true;
	}
	return false;
}
