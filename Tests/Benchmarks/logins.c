/* A bare login loop: the ceiling over what logs in to mail servers. Each thread connects, does a whole TLS 1.3 handshake,
   verifies the certificate, reads the greeting, authenticates by XOAUTH2 in one line, runs NAMESPACE, looks into the inbox,
   logs out, and begins again, until so many sessions are done. Blocking, with nothing kept but the trust.

   logins PORT CA_FILE TOKEN_FILE MAILBOXES CONCURRENCY SESSIONS
   prints: sessions, seconds, seconds of processor time. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define HOST "127.0.0.1"

static int port, mailboxes;
static long sessions;
static char token[16384];
static SSL_CTX *context;
static atomic_long begun;

static void fail(const char *what, const char *said) {
    fprintf(stderr, "logins: %s: %s\n", what, said);
    ERR_print_errors_fp(stderr);
    _exit(1);
}

/* Reads lines until one begins with `wanted`. */
static void hear(SSL *tls, const char *wanted) {
    char buffer[16384];
    size_t filled = 0, begin = 0;
    for (;;) {
        int count = SSL_read(tls, buffer + filled, (int)(sizeof buffer - 1 - filled));
        if (count <= 0) fail("the server closed instead of saying", wanted);
        filled += (size_t)count;
        buffer[filled] = 0;
        for (char *end; (end = strstr(buffer + begin, "\r\n")); begin = (size_t)(end - buffer) + 2) {
            if (strncmp(buffer + begin, wanted, strlen(wanted)) == 0) return;
            if (buffer[begin] != '*') fail(wanted, buffer + begin);
        }
    }
}

static void say(SSL *tls, const char *line) {
    if (SSL_write(tls, line, (int)strlen(line)) <= 0) fail("cannot write", line);
}

static void session(long number) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    inet_pton(AF_INET, HOST, &to.sin_addr);
    int connection = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (connect(connection, (struct sockaddr *)&to, sizeof to) != 0) fail("cannot connect", HOST);
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL *tls = SSL_new(context);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), HOST);
    SSL_set_fd(tls, connection);
    if (SSL_connect(tls) != 1) fail("no TLS", HOST);
    hear(tls, "* OK");
    char response[20000], line[30000];
    int length = snprintf(response, sizeof response, "user=mailbox-%ld@bench.test\1auth=Bearer %s\1\1",
                          number % mailboxes, token);
    int start = snprintf(line, sizeof line, "a AUTHENTICATE XOAUTH2 ");
    start += EVP_EncodeBlock((unsigned char *)line + start, (unsigned char *)response, length);
    snprintf(line + start, sizeof line - (size_t)start, "\r\n");
    say(tls, line);
    hear(tls, "a OK");
    say(tls, "b NAMESPACE\r\n");
    hear(tls, "b OK");
    say(tls, "c EXAMINE INBOX\r\n");
    hear(tls, "c OK");
    say(tls, "d LOGOUT\r\n");
    hear(tls, "d OK");
    SSL_shutdown(tls);
    SSL_free(tls);
    close(connection);
}

static void *worker(void *nothing) {
    for (long number; (number = atomic_fetch_add(&begun, 1)) < sessions;) session(number);
    return nothing;
}

int main(int argc, char **argv) {
    if (argc != 7) return 64;
    port = atoi(argv[1]);
    mailboxes = atoi(argv[4]);
    int concurrency = atoi(argv[5]);
    sessions = atol(argv[6]);
    FILE *file = fopen(argv[3], "r");
    if (!file || fscanf(file, "%16383s", token) != 1) fail("cannot read", argv[3]);
    fclose(file);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (SSL_CTX_load_verify_locations(context, argv[2], NULL) != 1) fail("cannot read", argv[2]);

    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pthread_t threads[256];
    for (int i = 0; i < concurrency && i < 256; i++) pthread_create(&threads[i], NULL, worker, NULL);
    for (int i = 0; i < concurrency && i < 256; i++) pthread_join(threads[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld %.6f %.6f\n", sessions, (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    return 0;
}
