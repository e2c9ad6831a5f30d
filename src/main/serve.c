/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* serve: the whole server, from the lock of the folder to its last answer. */
#include "main/serve.h"

#include "base/diag.h"
#include "http/frame.h"
#include "http/html.h"
#include "http/server.h"
#include "main/commands.h"
#include "main/jobs.h"
#include "main/options.h"
#include "main/routes.h"
#include "matter/indexed.h"
#include "people/people.h"
#include "spine/house.h"
#include "spine/log.h"
#include "spine/office.h"
#include "spine/terminal.h"
#include "trust/keeper.h"
#include "trust/open.h"
#include "web_static.h"

#include <signal.h>
#include <stdio.h>

enum { STOP_WAIT_MS = 10000 };

struct serve_options {
    const char *data;
    const char *packs;
    const char *port;
    const char *listen; /* an address of ours, instead of loopback and port */
    bool front;         /* behind a proxy that ends TLS */
    bool quiet;
};

/* Signals are taken by sigwait in the main thread; every other thread has them blocked. */
static void signals_block(sigset_t *ret_set)
{
    (void)sigemptyset(ret_set);
    (void)sigaddset(ret_set, SIGINT);
    (void)sigaddset(ret_set, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, ret_set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static void ready_say(const struct house *h, const struct server *s, const char *listen)
{
    char url[64] = "";
    uint16_t port = server_port(s, 0);
    if (port != 0)
        (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)port);
    const struct msg_arg args[] = {msg_text("address", str_of(port != 0 ? url : listen))};
    terminal_say(stdout, MSG_MAIN_SERVE_READY, args, 1);
    if (h->demo)
        terminal_say(stdout, MSG_MAIN_SERVE_DEMO, args, 1);
    const char *refusal = log_refusal(h->log);
    if (refusal != NULL) {
        struct err_info info = {0};
        (void)err_set(&info, ERR_REFUSED, refusal, NULL);
        terminal_say_err(stderr, &info);
    }
}

/* What every page says and points to. */
static void pages_set(const struct house *h)
{
    const struct office_tree *tree = house_tree(h);
    html_set_statics(&WEB_STATICS);
    for (size_t i = 0; tree != NULL && i < tree->count; i++)
        if (tree->offices[i].parent.v == 0 && !tree->offices[i].outside) {
            frame_set_house(tree->offices[i].name_en, tree->offices[i].name_zh);
            return;
        }
}

static enum err serve_run(struct open_house *o, const struct serve_options *opt, sigset_t *signals,
                          struct err_info *info)
{
    struct house *h = open_house_get(o);
    if (open_house_was_older(o))
        terminal_say(stdout, MSG_MAIN_SERVE_MIGRATED, NULL, 0);
    char address[64];
    (void)snprintf(address, sizeof address, "127.0.0.1:%s", opt->port);
    const struct server_listener listener = {
        .kind = opt->front ? LISTEN_FRONT : LISTEN_LOCAL,
        .address = opt->listen != NULL ? opt->listen : address,
    };
    size_t span_count = 0;
    const struct route_span *spans = routes_all(&span_count);
    struct auth auth;
    people_auth(h, &auth);
    const struct server_config config = {
        .listeners = &listener,
        .listener_count = 1,
        .routes = spans,
        .route_count = span_count,
        .auth = &auth,
        .writer = h->writer,
        .readers = h->readers,
        .house = h,
        .statics = &WEB_STATICS,
        .quiet = opt->quiet,
    };
    struct server *server = NULL;
    struct jobs *jobs = NULL;
    pages_set(h);
    TRY(server_start(&config, info, &server));
    enum err err = jobs_start(h, &jobs);
    if (err == ERR_OK) {
        int signal_number = 0;
        ready_say(h, server, listener.address);
        (void)sigwait(signals, &signal_number);
        terminal_say(stdout, MSG_MAIN_SERVE_STOPPING, NULL, 0);
    }
    server_stop(server, STOP_WAIT_MS);
    jobs_stop(jobs);
    return err;
}

/* The index of words is the server's own: commands neither read nor write it. */
static enum err serve_searching(struct open_house *o, const struct serve_options *opt,
                                sigset_t *signals, struct err_info *info)
{
    struct house *h = open_house_get(o);
    const struct search_source source = matter_search_source(h);
    TRY(search_open(h, &source, &h->search, info));
    enum err err = serve_run(o, opt, signals, info);
    search_close(h->search);
    h->search = NULL;
    return err;
}

int cmd_serve(int argc, char **argv)
{
    struct serve_options opt = {.data = "var", .port = "8080"};
    const struct option_row rows[] = {
        {"--data", &opt.data, NULL},   {"--packs", &opt.packs, NULL},
        {"--port", &opt.port, NULL},   {"--listen", &opt.listen, NULL},
        {"--front", NULL, &opt.front}, {"--quiet", NULL, &opt.quiet},
    };
    size_t operands = 0;
    if (!options_read(argc, argv, rows, sizeof rows / sizeof *rows, NULL, 0, &operands))
        return EXIT_USAGE;
    int64_t port = 0;
    if (!str_to_i64(str_of(opt.port), 0, 65535, &port)) {
        fprintf(stderr, "huiyin: --port is a number from 0 to 65535\n");
        return EXIT_USAGE;
    }
    sigset_t signals;
    signals_block(&signals);
    struct err_info info = {0};
    struct open_house *o = NULL;
    const struct house_how how = {.data_dir = opt.data,
                                  .packs = opt.packs,
                                  .write = true,
                                  .code_stock = CODE_STOCK,
                                  .box_stock = BOX_STOCK};
    enum err err = house_open(&how, &o, &info);
    if (err == ERR_OK)
        err = serve_searching(o, &opt, &signals, &info);
    if (err != ERR_OK) {
        info.err = err;
        terminal_say_err(stderr, &info);
    }
    house_close(o);
    return err == ERR_OK ? EXIT_DONE : EXIT_WRONG;
}
