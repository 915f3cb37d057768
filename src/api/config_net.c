/* SPDX-License-Identifier: MIT */
/* config_net.c - what a caller says of the guest's way out. */
#include <stdlib.h>
#include <string.h>

#include "api/config.h"

int microvm_config_set_net(microvm_config *cfg, enum microvm_net net,
			   microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	if (net != MICROVM_NET_NONE && net != MICROVM_NET_PUBLIC &&
	    net != MICROVM_NET_ALL)
		return fail(err, MICROVM_EINVAL, "no net has number %d",
			    (int)net);
	cfg->policy.base = net;
	return 0;
}

int microvm_config_add_rule(microvm_config *cfg, const char *rule,
			    microvm_error *err)
{
	if (!cfg || !rule)
		return config_missing(err, cfg ? "rule" : "config");
	if (cfg->policy.rules == CONFIG_RULES_MAX)
		return fail(err, MICROVM_ENOMEM, "more than %d rules",
			    CONFIG_RULES_MAX);
	return policy_add(&cfg->policy, rule, err);
}

/* RFC 1929, 2: one octet tells how long each is, from 1 on. */
static int check_login(const char *what, const char *text, mv_error *err)
{
	if (*text && strlen(text) <= CONFIG_LOGIN_MAX)
		return 0;
	return fail_hint(err,
			 fail(err, MICROVM_EINVAL, "proxy %s: %zu bytes", what,
			      strlen(text)),
			 "SOCKS5 takes 1 to %d", CONFIG_LOGIN_MAX);
}

static void forget_login(microvm_config *cfg)
{
	free(cfg->user);
	free(cfg->password);
	cfg->user = cfg->password = NULL;
}

int microvm_config_set_proxy_login(microvm_config *cfg, const char *user,
				   const char *password, microvm_error *err)
{
	char *name = NULL, *secret = NULL;
	int rc;

	if (!cfg)
		return config_missing(err, "config");
	if (!user && !password) {
		forget_login(cfg);
		return 0;
	}
	if (!user || !password)
		return config_missing(err, user ? "password" : "user");
	rc = check_login("user", user, err);
	if (!rc)
		rc = check_login("password", password, err);
	if (!rc)
		rc = config_copy(&name, user, "user", err);
	if (!rc)
		rc = config_copy(&secret, password, "password", err);
	if (rc) {
		free(name);
		return rc;
	}
	forget_login(cfg);
	cfg->user = name;
	cfg->password = secret;
	return 0;
}

int microvm_config_set_upstream(microvm_config *cfg, const char *url,
				microvm_error *err)
{
	int rc;

	if (!cfg)
		return config_missing(err, "config");
	if (!url) {
		free(cfg->upstream);
		cfg->upstream = NULL;
		return 0;
	}
	rc = proxy_check_upstream(url, err);
	return rc ? rc : config_copy(&cfg->upstream, url, "upstream", err);
}

int microvm_config_set_flow_events(microvm_config *cfg, microvm_flow_fn *fn,
				   void *ctx, microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	cfg->proxy.flow = fn;
	cfg->proxy.flow_ctx = ctx;
	return 0;
}

int microvm_config_set_policy(microvm_config *cfg, microvm_policy_fn *fn,
			      void *ctx, microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	cfg->proxy.ask = fn;
	cfg->proxy.ask_ctx = ctx;
	return 0;
}

int microvm_config_set_socket_hook(microvm_config *cfg, microvm_socket_fn *fn,
				   void *ctx, microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	cfg->proxy.hook = fn;
	cfg->proxy.hook_ctx = ctx;
	return 0;
}

int microvm_config_set_dialer(microvm_config *cfg, microvm_dial_fn *fn,
			      void *ctx, microvm_error *err)
{
	if (!cfg)
		return config_missing(err, "config");
	cfg->proxy.dial = fn;
	cfg->proxy.dial_ctx = ctx;
	return 0;
}
