// A light S3 server for measuring clients: one thread per connection, everything in memory.
//
// It checks the payload's SHA-256 and Content-MD5 where a request states them, as a real server does, and computes
// ETags as Amazon does. It checks no signature, not those of the pieces of an upload in aws-chunked either, keeps the
// content of small objects and of Caravan's own only unless it is told to keep all, and knows no key that needs
// escaping. So it is for what a client costs, never for whether a client is right.
//
// build: cc -O2 -o sink sink.c -lcrypto -lpthread     run: ./sink PORT [MILLISECONDS] [keep [BUCKET]]
// With milliseconds, each answer of a bucket is held back for as long: a server that is far away. With the third word
// it keeps what is put whatever its size, to be read again, with a fourth only in buckets whose names end with that;
// then nothing may be put in the place of a big object that is being read.
// GET /_requests answers how many requests of each kind came since the last POST /_requests.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { KEPT_MAX = 64 << 10, OWN_MAX = 64 << 20, BUCKETS = 1 << 20, PARTS_MAX = 10000, LINE_MAX_ = 8192 };
enum kind { PUT, PART, GET, HEAD, LIST, COPY, DELETE, MULTIPART, OTHER, KINDS };
static const char *const kind_names[KINDS] = {"put", "part", "get", "head", "list", "copy", "delete", "multipart", "other"};

typedef struct object {
  struct object *next;
  char *name; // bucket/key
  long size;
  time_t modified;
  char etag[48];
  char *headers; // x-amz-meta-* and Content-Type, as they came
  char *content; // of a small object
} object;

typedef struct upload {
  struct upload *next;
  int id;
  char *name, *headers;
  struct { long size; unsigned char md5[16]; char *content; } parts[PARTS_MAX + 1];
  int last;
} upload;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static object *table[BUCKETS], **sorted, **fresh; // fresh: made since it was sorted
static long objects, sorted_count, sorted_room, fresh_count, fresh_room;
static int stale = 1, next_upload;
static upload *uploads;
static char *buckets[4096];
static int bucket_count;
static long requests[KINDS];
static long away_us;
static const char *kept_in; // what is put into buckets whose names end like this is kept whatever its size

// ---------------------------------------------------------------- the store; all with the lock held

static object **slot(const char *name) {
  unsigned h = 2166136261u;
  for (const char *c = name; *c; c++) h = (h ^ (unsigned char)*c) * 16777619u;
  object **at = &table[h & (BUCKETS - 1)];
  while (*at && strcmp((*at)->name, name)) at = &(*at)->next;
  return at;
}

static object *get_or_make(const char *name) {
  object **at = slot(name);
  if (!*at) {
    *at = calloc(1, sizeof **at);
    (*at)->name = strdup(name);
    objects++;
    if (fresh_count == fresh_room) fresh = realloc(fresh, sizeof *fresh * (fresh_room = fresh_room * 2 + 1024));
    fresh[fresh_count++] = *at;
  }
  return *at;
}

static void forget(const char *name) {
  object **at = slot(name), *gone = *at;
  if (!gone) return;
  *at = gone->next;
  free(gone->name), free(gone->headers), free(gone->content), free(gone);
  objects--;
  stale = 1;
}

static int by_name(const void *a, const void *b) { return strcmp((*(object *const *)a)->name, (*(object *const *)b)->name); }

static long first_of(object *const *all, long count, const char *name) {
  long low = 0, high = count;
  while (low < high) {
    long middle = (low + high) / 2;
    if (strcmp(all[middle]->name, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Tools that list while they send must not pay for a sort of everything with each page.
static void sort(void) {
  if (!stale && !fresh_count) return;
  if (sorted_room < objects + 1) sorted = realloc(sorted, sizeof *sorted * (sorted_room = objects * 2 + 1024));
  if (stale || fresh_count > sorted_count / 8) {
    sorted_count = 0;
    for (long i = 0; i < BUCKETS; i++)
      for (object *o = table[i]; o; o = o->next) sorted[sorted_count++] = o;
    qsort(sorted, sorted_count, sizeof *sorted, by_name);
  } else {
    qsort(fresh, fresh_count, sizeof *fresh, by_name);
    for (long i = fresh_count - 1, end = sorted_count; i >= 0; i--) {
      long at = first_of(sorted, end, fresh[i]->name);
      memmove(sorted + at + i + 1, sorted + at, sizeof *sorted * (end - at));
      sorted[at + i] = fresh[i];
      end = at;
    }
    sorted_count += fresh_count;
  }
  fresh_count = stale = 0;
}

static long first_at_or_after(const char *name) { return first_of(sorted, sorted_count, name); }

static int has_bucket(const char *bucket) {
  for (int i = 0; i < bucket_count; i++)
    if (!strcmp(buckets[i], bucket)) return 1;
  return 0;
}

// ---------------------------------------------------------------- reading a request

typedef struct {
  int fd;
  long start, end;
  char buffer[1 << 17];
} input;

static int fill(input *in) {
  if (in->start == in->end) in->start = in->end = 0;
  if (in->start && in->end == sizeof in->buffer) {
    memmove(in->buffer, in->buffer + in->start, in->end - in->start);
    in->end -= in->start, in->start = 0;
  }
  if (in->end == sizeof in->buffer) return 0;
  long n = recv(in->fd, in->buffer + in->end, sizeof in->buffer - in->end, 0);
  if (n <= 0) return 0;
  in->end += n;
  return 1;
}

// The next line without its end, or NULL. It stays valid until the next read.
static char *line(input *in) {
  for (;;) {
    char *from = in->buffer + in->start, *to = memchr(from, '\n', in->end - in->start);
    if (to) {
      in->start = to + 1 - in->buffer;
      *to = 0;
      if (to > from && to[-1] == '\r') to[-1] = 0;
      return from;
    }
    if (!fill(in)) return NULL;
  }
}

typedef struct {
  EVP_MD_CTX *md5, *sha256; // NULL: not wanted
  char *kept;
  long size, room;
} body;

static int take(input *in, body *to, long length) {
  while (length > 0) {
    if (in->start == in->end && !fill(in)) return 0;
    long n = in->end - in->start < length ? in->end - in->start : length;
    if (to) {
      const char *from = in->buffer + in->start;
      if (to->md5) EVP_DigestUpdate(to->md5, from, n);
      if (to->sha256) EVP_DigestUpdate(to->sha256, from, n);
      if (to->size + n <= to->room) memcpy(to->kept + to->size, from, n);
      to->size += n;
    }
    in->start += n;
    length -= n;
  }
  return 1;
}

// The bytes of an upload in aws-chunked: a line with the size of a piece and its signature, the piece, a line's end; the
// last piece is empty, and trailers may follow it.
static int take_pieces(input *in, body *to) {
  for (;;) {
    char *head = line(in), *rest = head;
    long length = head ? strtol(head, &rest, 16) : -1;
    if (rest == head || length < 0 || (*rest && *rest != ';')) return 0;
    if (!length) break;
    if (!take(in, to, length)) return 0;
    char *end = line(in);
    if (!end || *end) return 0;
  }
  char *trailer = line(in);
  while (trailer && *trailer) trailer = line(in);
  return trailer != NULL;
}

typedef struct {
  char method[16], name[LINE_MAX_], query[LINE_MAX_], range[64], sha256[80], md5[40];
  char headers[4096], copied[LINE_MAX_];
  char *bucket, *key; // bucket is NULL for the server itself; key is "" for the bucket
  char bucket_room[256];
  long length; // of the content: without what aws-chunked puts around its pieces
  int chunked, pieces, expects, closes;
} request;

static void unescape(char *text) {
  char *to = text;
  for (char *from = text; *from; from++) {
    if (*from == '%' && isxdigit(from[1]) && isxdigit(from[2])) {
      char hex[3] = {from[1], from[2], 0};
      *to++ = (char)strtol(hex, 0, 16);
      from += 2;
    } else *to++ = *from;
  }
  *to = 0;
}

static int parameter(const request *r, const char *name, char *value, size_t room) {
  size_t length = strlen(name);
  *value = 0;
  for (const char *at = r->query; at && *at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL) {
    if (strncmp(at, name, length) || (at[length] && at[length] != '=' && at[length] != '&')) continue;
    if (at[length] == '=') {
      snprintf(value, room, "%.*s", (int)strcspn(at + length + 1, "&"), at + length + 1);
      unescape(value);
    }
    return 1;
  }
  return 0;
}

static void header(request *r, const char *name, const char *value) {
  if (!strcasecmp(name, "content-length")) r->length = r->pieces ? r->length : atol(value);
  else if (!strcasecmp(name, "x-amz-decoded-content-length")) r->pieces = 1, r->length = atol(value);
  else if (!strcasecmp(name, "transfer-encoding")) r->chunked = 1;
  else if (!strcasecmp(name, "expect")) r->expects = 1;
  else if (!strcasecmp(name, "connection")) r->closes = !strcasecmp(value, "close");
  else if (!strcasecmp(name, "range")) snprintf(r->range, sizeof r->range, "%s", value);
  else if (!strcasecmp(name, "content-md5")) snprintf(r->md5, sizeof r->md5, "%s", value);
  else if (!strcasecmp(name, "x-amz-copy-source")) snprintf(r->copied, sizeof r->copied, "%s", value + (*value == '/'));
  else if (!strcasecmp(name, "x-amz-content-sha256") && strlen(value) == 64) strcpy(r->sha256, value);
  else if (!strncasecmp(name, "x-amz-meta-", 11) || !strcasecmp(name, "content-type")) {
    size_t used = strlen(r->headers);
    snprintf(r->headers + used, sizeof r->headers - used, "%s: %s\r\n", name, value);
  }
}

// True when what is put there stays whatever its size.
static int is_kept(const request *r) {
  size_t length = kept_in && r->bucket ? strlen(r->bucket) : 0, end = kept_in ? strlen(kept_in) : 0;
  return length >= end && length && !strcmp(r->bucket + length - end, kept_in);
}

static int read_head(input *in, request *r) {
  char *at = line(in), target[LINE_MAX_];
  while (at && !*at) at = line(in);
  if (!at || sscanf(at, "%15s %8191s", r->method, target) != 2) return 0;
  for (at = line(in); at && *at; at = line(in)) {
    char *colon = strchr(at, ':');
    if (!colon) continue;
    *colon++ = 0;
    header(r, at, colon + strspn(colon, " "));
  }
  if (!at) return 0;
  char *query = strchr(target, '?');
  if (query) *query++ = 0;
  snprintf(r->query, sizeof r->query, "%s", query ? query : "");
  snprintf(r->name, sizeof r->name, "%s", target + 1);
  unescape(r->name);
  unescape(r->copied);
  size_t bucket = strcspn(r->name, "/");
  if (bucket && bucket < sizeof r->bucket_room) {
    memcpy(r->bucket_room, r->name, bucket);
    r->bucket = r->bucket_room;
  }
  if (bucket < strlen(r->name) && !r->name[bucket + 1]) r->name[bucket] = 0; // "bucket/" is the bucket
  r->key = r->name[bucket] ? r->name + bucket + 1 : "";
  return 1;
}

// ---------------------------------------------------------------- answering

static int send_all(int fd, const char *bytes, long length) {
  while (length > 0) {
    long n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n <= 0) return 0;
    bytes += n, length -= n;
  }
  return 1;
}

static int answer(int fd, const char *status, const char *headers, const char *content, long length) {
  char head[8192];
  int n = snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %ld\r\n\r\n", status, headers, length);
  if (!content) return send_all(fd, head, n);
  if (n + length > (long)sizeof head) return send_all(fd, head, n) && send_all(fd, content, length);
  memcpy(head + n, content, length);
  return send_all(fd, head, n + length);
}

static int xml(int fd, const char *status, const char *format, ...) {
  char content[4096];
  va_list values;
  va_start(values, format);
  int n = vsnprintf(content, sizeof content, format, values);
  va_end(values);
  return answer(fd, status, "Content-Type: application/xml\r\n", content, n);
}

static int refuse(int fd, const request *r, const char *status, const char *code) {
  if (!strcmp(r->method, "HEAD")) return answer(fd, status, "", NULL, 0);
  return xml(fd, status, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code);
}

static void hex(const unsigned char *bytes, int length, char *text) {
  for (int i = 0; i < length; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
}

// ---------------------------------------------------------------- the operations

static int list(int fd, const request *r) {
  char prefix[2048], delimiter[8], from[2048], number[16], encoding[8], type[8], last[4096] = "", name[LINE_MAX_];
  parameter(r, "prefix", prefix, sizeof prefix);
  parameter(r, "delimiter", delimiter, sizeof delimiter);
  parameter(r, "encoding-type", encoding, sizeof encoding);
  int second = parameter(r, "list-type", type, sizeof type);
  if (!parameter(r, second ? "continuation-token" : "marker", from, sizeof from) && second)
    parameter(r, "start-after", from, sizeof from);
  int most = parameter(r, "max-keys", number, sizeof number) ? atoi(number) : 1000, count = 0, more = 0;
  if (most > 1000) most = 1000;

  char *content;
  size_t length, start = strlen(r->bucket) + 1, end = start + strlen(prefix);
  FILE *out = open_memstream(&content, &length);
  fprintf(out, "<ListBucketResult><Name>%s</Name><Prefix>%s</Prefix><MaxKeys>%d</MaxKeys>%s", r->bucket, prefix, most,
          *encoding ? "<EncodingType>url</EncodingType>" : "");
  pthread_mutex_lock(&lock);
  sort();
  snprintf(name, sizeof name, "%s/%s", r->bucket, strcmp(from, prefix) > 0 ? from : prefix);
  long i = first_at_or_after(name);
  if (*from && i < sorted_count && !strcmp(sorted[i]->name, name)) i++;
  if (*from && *delimiter && name[strlen(name) - 1] == '/') {
    name[strlen(name) - 1] = '/' + 1; // behind all of a folder that was the last entry of the page before
    i = first_at_or_after(name);
  }
  snprintf(name, sizeof name, "%s/%s", r->bucket, prefix);
  while (i < sorted_count && !strncmp(sorted[i]->name, name, end)) {
    if (count++ == most) {
      more = 1;
      break;
    }
    object *o = sorted[i];
    char *slash = *delimiter ? strchr(o->name + end, '/') : NULL;
    if (slash) {
      char behind[LINE_MAX_];
      snprintf(last, sizeof last, "%.*s", (int)(slash + 1 - o->name - start), o->name + start);
      fprintf(out, "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>", last);
      snprintf(behind, sizeof behind, "%.*s%c", (int)(slash - o->name), o->name, '/' + 1);
      i = first_at_or_after(behind);
    } else {
      char when[40];
      struct tm utc;
      gmtime_r(&o->modified, &utc);
      strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S.000Z", &utc);
      snprintf(last, sizeof last, "%s", o->name + start);
      fprintf(out, "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>&quot;%s&quot;</ETag><Size>%ld</Size>"
              "<StorageClass>STANDARD</StorageClass></Contents>", last, when, o->etag, o->size);
      i++;
    }
  }
  pthread_mutex_unlock(&lock);
  const char *token = second ? "NextContinuationToken" : "NextMarker";
  fprintf(out, "<KeyCount>%d</KeyCount><IsTruncated>%s</IsTruncated>", count - more, more ? "true" : "false");
  if (more) fprintf(out, "<%s>%s</%s>", token, last, token);
  fprintf(out, "</ListBucketResult>");
  fclose(out);
  int sent = answer(fd, "200 OK", "Content-Type: application/xml\r\n", content, (long)length);
  free(content);
  return sent;
}

static int read_object(int fd, const request *r) {
  int only_head = !strcmp(r->method, "HEAD");
  char head[6000], when[40], range[80] = "";
  char *content = NULL;
  pthread_mutex_lock(&lock);
  object *o = *slot(r->name);
  if (!o || (!only_head && o->size && !o->content)) {
    pthread_mutex_unlock(&lock);
    return o ? refuse(fd, r, "501 Not Implemented", "NotKept") : refuse(fd, r, "404 Not Found", "NoSuchKey");
  }
  long from = 0, to = o->size - 1;
  if (*r->range && !only_head) {
    sscanf(r->range, "bytes=%ld-%ld", &from, &to);
    if (to >= o->size) to = o->size - 1;
    snprintf(range, sizeof range, "Content-Range: bytes %ld-%ld/%ld\r\n", from, to, o->size);
  }
  struct tm utc;
  gmtime_r(&o->modified, &utc);
  strftime(when, sizeof when, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  snprintf(head, sizeof head, "ETag: \"%s\"\r\nLast-Modified: %s\r\n%s%s", o->etag, when, range, o->headers ? o->headers : "");
  long length = to - from + 1;
  char *own = NULL;
  if (!only_head && length > KEPT_MAX) {
    content = o->content + from;
  } else if (!only_head) {
    content = own = malloc(length + 1);
    memcpy(content, o->content ? o->content + from : "", length);
  }
  pthread_mutex_unlock(&lock);
  int sent = answer(fd, *range ? "206 Partial Content" : "200 OK", head, content, length);
  free(own);
  return sent;
}

static int stored(int fd, const char *etag) {
  char head[100];
  snprintf(head, sizeof head, "ETag: \"%s\"\r\n", etag);
  return answer(fd, "200 OK", head, "", 0);
}

static int put_object(int fd, const request *r, body *content, const unsigned char *md5) {
  char etag[48];
  hex(md5, 16, etag);
  pthread_mutex_lock(&lock);
  object *o = get_or_make(r->name);
  free(o->content), free(o->headers);
  o->size = content->size;
  o->modified = time(0);
  o->headers = strdup(r->headers);
  o->content = content->size <= content->room ? content->kept : NULL;
  if (o->content) content->kept = NULL;
  strcpy(o->etag, etag);
  pthread_mutex_unlock(&lock);
  return stored(fd, etag);
}

static upload *find_upload(const char *id) {
  upload *each = uploads;
  while (each && each->id != atoi(id)) each = each->next;
  return each;
}

static int put_part(int fd, const request *r, const char *id, body *content, const unsigned char *md5) {
  char number[16], etag[48];
  parameter(r, "partNumber", number, sizeof number);
  int part = atoi(number);
  hex(md5, 16, etag);
  pthread_mutex_lock(&lock);
  upload *u = find_upload(id);
  if (u && part >= 1 && part <= PARTS_MAX) {
    u->parts[part].size = content->size;
    memcpy(u->parts[part].md5, md5, 16);
    if (content->kept) {
      free(u->parts[part].content);
      u->parts[part].content = content->kept;
      content->kept = NULL;
    }
    if (part > u->last) u->last = part;
  }
  pthread_mutex_unlock(&lock);
  return u ? stored(fd, etag) : refuse(fd, r, "404 Not Found", "NoSuchUpload");
}

static int begin_upload(int fd, const request *r) {
  pthread_mutex_lock(&lock);
  upload *u = calloc(1, sizeof *u);
  u->id = ++next_upload;
  u->name = strdup(r->name);
  u->headers = strdup(r->headers);
  u->next = uploads;
  uploads = u;
  int id = u->id;
  pthread_mutex_unlock(&lock);
  return xml(fd, "200 OK", "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%d</UploadId>"
             "</InitiateMultipartUploadResult>", r->bucket, r->key, id);
}

// Completes the upload, or drops it. Parts must be numbered from one without a gap.
static int end_upload(int fd, const request *r, const char *id, int completes) {
  char etag[48] = "";
  pthread_mutex_lock(&lock);
  upload *u = find_upload(id);
  if (u) {
    upload **at = &uploads;
    while (*at != u) at = &(*at)->next;
    *at = u->next;
  }
  if (u && completes) {
    EVP_MD_CTX *all = EVP_MD_CTX_new();
    unsigned char md5[16];
    EVP_DigestInit_ex(all, EVP_md5(), NULL);
    object *o = get_or_make(u->name);
    free(o->content), free(o->headers);
    o->content = NULL, o->size = 0, o->modified = time(0), o->headers = u->headers;
    for (int i = 1; i <= u->last; i++) {
      o->size += u->parts[i].size;
      EVP_DigestUpdate(all, u->parts[i].md5, 16);
    }
    if (is_kept(r)) {
      char *to = o->content = malloc(o->size + 1);
      for (int i = 1; i <= u->last; to += u->parts[i++].size) memcpy(to, u->parts[i].content, u->parts[i].size);
    }
    EVP_DigestFinal_ex(all, md5, NULL);
    EVP_MD_CTX_free(all);
    hex(md5, 16, etag);
    sprintf(etag + 32, "-%d", u->last);
    strcpy(o->etag, etag);
    u->headers = NULL;
  }
  pthread_mutex_unlock(&lock);
  if (!u) return refuse(fd, r, "404 Not Found", "NoSuchUpload");
  for (int i = 1; i <= u->last; i++) free(u->parts[i].content);
  free(u->name), free(u->headers), free(u);
  if (!completes) return answer(fd, "204 No Content", "", NULL, 0);
  return xml(fd, "200 OK", "<CompleteMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><ETag>\"%s\"</ETag>"
             "</CompleteMultipartUploadResult>", r->bucket, r->key, etag);
}

static int copy_object(int fd, const request *r) {
  char etag[48] = "";
  pthread_mutex_lock(&lock);
  object *from = *slot(r->copied);
  if (from) {
    object was = *from, *to = get_or_make(r->name);
    if (to != from) {
      free(to->content), free(to->headers);
      to->size = was.size, to->modified = time(0);
      to->headers = was.headers ? strdup(was.headers) : NULL;
      to->content = was.content ? memcpy(malloc(was.size + 1), was.content, was.size) : NULL;
      strcpy(to->etag, was.etag);
    }
    strcpy(etag, was.etag);
  }
  pthread_mutex_unlock(&lock);
  if (!*etag) return refuse(fd, r, "404 Not Found", "NoSuchKey");
  return xml(fd, "200 OK", "<CopyObjectResult><ETag>\"%s\"</ETag></CopyObjectResult>", etag);
}

static int delete_many(int fd, const request *r, const body *document) {
  char *content, name[LINE_MAX_];
  size_t length;
  FILE *out = open_memstream(&content, &length);
  fprintf(out, "<DeleteResult>");
  document->kept[document->size] = 0;
  for (char *at = strstr(document->kept, "<Key>"); at; at = strstr(at, "<Key>")) {
    char *end = strstr(at += 5, "</Key>");
    if (!end) break;
    snprintf(name, sizeof name, "%s/%.*s", r->bucket, (int)(end - at), at);
    pthread_mutex_lock(&lock);
    forget(name);
    pthread_mutex_unlock(&lock);
    fprintf(out, "<Deleted><Key>%.*s</Key></Deleted>", (int)(end - at), at);
  }
  fprintf(out, "</DeleteResult>");
  fclose(out);
  int sent = answer(fd, "200 OK", "Content-Type: application/xml\r\n", content, (long)length);
  free(content);
  return sent;
}

static int make_bucket(int fd, const request *r) {
  pthread_mutex_lock(&lock);
  if (!has_bucket(r->bucket) && bucket_count < 4096) buckets[bucket_count++] = strdup(r->bucket);
  pthread_mutex_unlock(&lock);
  return answer(fd, "200 OK", "", "", 0);
}

// POST /_copy?from=A&to=B makes bucket B hold what bucket A holds; no real server has this.
static int copy_bucket(int fd, const request *r) {
  char from[256], to[256], name[LINE_MAX_];
  parameter(r, "from", from, sizeof from);
  parameter(r, "to", to, sizeof to);
  size_t start = strlen(from);
  pthread_mutex_lock(&lock);
  if (!has_bucket(to) && bucket_count < 4096) buckets[bucket_count++] = strdup(to);
  sort();
  for (long i = 0; i < sorted_count; i++) {
    object *was = sorted[i];
    if (strncmp(was->name, from, start) || was->name[start] != '/') continue;
    snprintf(name, sizeof name, "%s%s", to, was->name + start);
    object *o = get_or_make(name);
    free(o->content), free(o->headers);
    o->size = was->size, o->modified = was->modified;
    o->headers = was->headers ? strdup(was->headers) : NULL;
    o->content = was->content ? memcpy(malloc(was->size + 1), was->content, was->size) : NULL;
    strcpy(o->etag, was->etag);
  }
  pthread_mutex_unlock(&lock);
  return answer(fd, "200 OK", "", "", 0);
}

static int of_server(int fd, const request *r) {
  if (!strcmp(r->name, "_copy")) return copy_bucket(fd, r);
  if (strcmp(r->name, "_requests")) return xml(fd, "200 OK", "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>");
  char text[512] = "";
  for (int i = 0; i < KINDS; i++) sprintf(text + strlen(text), "%s %ld\n", kind_names[i], __sync_fetch_and_add(&requests[i], 0));
  if (!strcmp(r->method, "POST")) memset(requests, 0, sizeof requests);
  return answer(fd, "200 OK", "Content-Type: text/plain\r\n", text, (long)strlen(text));
}

static int of_bucket(int fd, const request *r, const body *content) {
  char value[64];
  if (!strcmp(r->method, "PUT")) return make_bucket(fd, r);
  pthread_mutex_lock(&lock);
  int known = has_bucket(r->bucket);
  pthread_mutex_unlock(&lock);
  if (!known) return refuse(fd, r, "404 Not Found", "NoSuchBucket");
  if (!strcmp(r->method, "HEAD")) return answer(fd, "200 OK", "", NULL, 0);
  if (!strcmp(r->method, "POST") && content->kept) return delete_many(fd, r, content);
  if (parameter(r, "location", value, sizeof value)) return xml(fd, "200 OK", "<LocationConstraint/>");
  if (!strcmp(r->method, "GET")) return list(fd, r);
  return refuse(fd, r, "501 Not Implemented", "NotImplemented");
}

static int of_object(int fd, const request *r, body *content, const unsigned char *md5) {
  char id[32];
  int has_id = parameter(r, "uploadId", id, sizeof id);
  if (!strcmp(r->method, "PUT") && *r->copied) return copy_object(fd, r);
  if (!strcmp(r->method, "PUT")) return has_id ? put_part(fd, r, id, content, md5) : put_object(fd, r, content, md5);
  if (!strcmp(r->method, "POST")) return has_id ? end_upload(fd, r, id, 1) : begin_upload(fd, r);
  if (!strcmp(r->method, "DELETE") && has_id) return end_upload(fd, r, id, 0);
  if (!strcmp(r->method, "DELETE")) {
    pthread_mutex_lock(&lock);
    forget(r->name);
    pthread_mutex_unlock(&lock);
    return answer(fd, "204 No Content", "", NULL, 0);
  }
  return read_object(fd, r);
}

static enum kind kind_of(const request *r) {
  char value[32];
  int multipart = parameter(r, "uploadId", value, sizeof value) || parameter(r, "uploads", value, sizeof value);
  if (!strcmp(r->method, "HEAD")) return HEAD;
  if (!strcmp(r->method, "DELETE")) return DELETE;
  if (!strcmp(r->method, "GET")) return *r->key ? GET : LIST;
  if (!strcmp(r->method, "POST")) return *r->key ? MULTIPART : DELETE;
  if (!*r->key) return OTHER;
  return *r->copied ? COPY : multipart ? PART : PUT;
}

// ---------------------------------------------------------------- connections

// False when what arrived is not what the request promised.
static int is_intact(const request *r, body *content, unsigned char *md5) {
  char text[80];
  unsigned char sha256[32], base64[40];
  EVP_DigestFinal_ex(content->md5, md5, NULL);
  if (content->sha256) {
    EVP_DigestFinal_ex(content->sha256, sha256, NULL);
    hex(sha256, 32, text);
    if (strcmp(text, r->sha256)) return 0;
  }
  EVP_EncodeBlock(base64, md5, 16);
  return !*r->md5 || !strcmp((char *)base64, r->md5);
}

static int serve(input *in, EVP_MD_CTX *md5, EVP_MD_CTX *sha256) {
  request r;
  memset(&r, 0, sizeof r);
  if (!read_head(in, &r)) return 0;
  if (r.expects && !send_all(in->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25)) return 0;
  body content = {.md5 = md5, .sha256 = *r.sha256 && strcmp(r.method, "GET") ? sha256 : NULL};
  EVP_DigestInit_ex(md5, EVP_md5(), NULL);
  if (content.sha256) EVP_DigestInit_ex(sha256, EVP_sha256(), NULL);
  if (r.length <= KEPT_MAX || is_kept(&r) || (r.length <= OWN_MAX && strstr(r.name, "/.caravan/"))) {
    content.room = r.length;
    content.kept = malloc(content.room + 1);
  }
  int read = !r.chunked && (r.pieces ? take_pieces(in, &content) : take(in, &content, r.length)); // none sends HTTP's chunks
  read = read && content.size == r.length;
  int going = 0;
  unsigned char digest[16];
  if (read) {
    if (r.bucket && *r.bucket != '_') __sync_fetch_and_add(&requests[kind_of(&r)], 1);
    if (away_us && r.bucket && *r.bucket != '_') usleep(away_us);
    if (!is_intact(&r, &content, digest)) going = refuse(in->fd, &r, "400 Bad Request", "BadDigest");
    else if (!r.bucket || *r.bucket == '_') going = of_server(in->fd, &r);
    else if (!*r.key) going = of_bucket(in->fd, &r, &content);
    else going = of_object(in->fd, &r, &content, digest);
  }
  free(content.kept);
  return going && !r.closes;
}

static void *connection(void *argument) {
  input *in = argument;
  EVP_MD_CTX *md5 = EVP_MD_CTX_new(), *sha256 = EVP_MD_CTX_new();
  while (serve(in, md5, sha256)) {}
  EVP_MD_CTX_free(md5), EVP_MD_CTX_free(sha256);
  close(in->fd);
  free(in);
  return NULL;
}

int main(int count, char **words) {
  signal(SIGPIPE, SIG_IGN);
  if (count < 2 || count > 5) return fputs("usage: sink PORT [MILLISECONDS] [keep [BUCKET]]\n", stderr), 2;
  if (count >= 4) kept_in = count == 5 ? words[4] : "";
  if (count >= 3) away_us = atol(words[2]) * 1000;
  int server = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(server, (void *)&address, sizeof address) || listen(server, 512)) return perror("sink"), 1;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 512 << 10);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  for (;;) {
    int fd = accept(server, 0, 0);
    if (fd < 0) continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    input *in = malloc(sizeof *in);
    in->fd = fd, in->start = in->end = 0;
    pthread_t thread;
    if (pthread_create(&thread, &small, connection, in)) close(fd), free(in);
  }
}
