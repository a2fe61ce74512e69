package dev.caravan.control.content;

import dev.caravan.catalog.FileRow;
import dev.caravan.control.ApiFault;
import dev.caravan.control.Percent;
import dev.caravan.control.Problems;
import dev.caravan.event.StorePath;
import dev.caravan.restore.RestoreException;
import dev.caravan.restore.Restores;
import io.vertx.core.Context;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Serves {@code GET /api/files/{path}}: the content of a file, brought back first when it is away.
 * No thread waits while it comes, so that many may ask at once.
 */
public final class FileDoor {

  private static final String PREFIX = "/api/files/";
  private static final int TRIES = 3;

  private final Restores restores;

  public FileDoor(Restores restores) {
    this.restores = restores;
  }

  /** Puts the handler on a router that the doorman guards. */
  public void serve(Router router) {
    router.route(PREFIX + "*").method(HttpMethod.GET).method(HttpMethod.HEAD).handler(this::answer);
  }

  private void answer(RoutingContext request) {
    String raw = Optional.ofNullable(request.request().path()).orElse("");
    if (!raw.startsWith(PREFIX)) {
      // The list of the files is served by a route.
      request.next();
      return;
    }
    StorePath path;
    try {
      path = StorePath.of(Percent.decode(raw.substring(PREFIX.length())));
    } catch (ApiFault e) {
      Problems.send(request.response(), e.status(), String.valueOf(e.getMessage()));
      return;
    } catch (IllegalArgumentException e) {
      Problems.send(request.response(), 422, "path: " + e.getMessage());
      return;
    }
    String query = Optional.ofNullable(request.request().query()).orElse("");
    if (!query.isEmpty()) {
      Problems.send(request.response(), 422, "Unknown parameter; this takes none");
      return;
    }
    if (request.request().method().equals(HttpMethod.HEAD)) {
      Optional<FileRow> away = restores.findAway(path);
      if (away.isPresent()) {
        tellOf(request, away.get());
        return;
      }
    }
    send(request, path, TRIES);
  }

  /** Who only asks about a file need not have it brought. */
  private static void tellOf(RoutingContext request, FileRow row) {
    Version version = new Version(row.path(), row.sizeBytes(), row.modifiedNs(), row.sha256());
    HttpServerResponse response = request.response();
    version.describe(response);
    response.putHeader("Content-Length", Long.toString(row.sizeBytes())).end();
  }

  private void send(RoutingContext request, StorePath path, int tries) {
    Context context = request.vertx().getOrCreateContext();
    restores
        .begin(path)
        .whenComplete(
            (brought, fault) -> {
              if (fault != null) {
                context.runOnContext(nothing -> refuse(request, Restores.reasonOf(fault)));
                return;
              }
              try {
                Restores.Opened file = restores.open(path, brought);
                restores.noteRead(path);
                context.runOnContext(nothing -> send(request, context, path, file));
              } catch (NoSuchFileException e) {
                // It left the disk again, or was replaced, in this moment.
                context.runOnContext(nothing -> again(request, path, tries));
              } catch (IOException e) {
                context.runOnContext(
                    nothing ->
                        Problems.send(
                            request.response(), 409, path + " cannot be read from the store"));
              }
            });
  }

  private void again(RoutingContext request, StorePath path, int tries) {
    if (tries > 1) {
      send(request, path, tries - 1);
    } else {
      Problems.send(request.response(), 409, path + " is replaced too often to be read");
    }
  }

  private static void refuse(RoutingContext request, RestoreException fault) {
    int status = ApiFault.statusOf(fault);
    HttpServerResponse response = request.response();
    if (status == 503) {
      response.putHeader("Retry-After", "5");
    }
    Problems.send(response, status, String.valueOf(fault.getMessage()));
  }

  private void send(
      RoutingContext request, Context context, StorePath path, Restores.Opened opened) {
    FileChannel file = opened.channel();
    Restores.Brought brought = opened.brought();
    HttpServerResponse response = request.response();
    boolean sending = false;
    try {
      long size = file.size();
      boolean same = size == brought.stat().sizeBytes();
      Version version =
          new Version(
              path, size, brought.stat().modifiedNs(), same ? brought.sha256() : Optional.empty());
      sending = send(request.request(), context, version, file);
    } catch (IOException e) {
      Problems.send(response, 409, path + " cannot be read from the store");
    } finally {
      if (!sending) {
        close(file);
      }
    }
  }

  /** Answers; true when the pump has the file now. */
  private static boolean send(
      HttpServerRequest request, Context context, Version version, FileChannel file) {
    HttpServerResponse response = request.response();
    if (response.closed()) {
      return false;
    }
    String only = Optional.ofNullable(request.getHeader("If-Match")).orElse("*");
    if (!version.isOneOf(only)) {
      Problems.send(response, 412, version.path() + " is another version than the one asked for");
      return false;
    }
    version.describe(response);
    String known = Optional.ofNullable(request.getHeader("If-None-Match")).orElse("");
    if (known.equals("*") || known.contains(version.etag())) {
      response.setStatusCode(304).end();
      return false;
    }
    ByteRange part = new ByteRange(0, version.size());
    Optional<String> wanted = Optional.ofNullable(request.getHeader("Range"));
    Optional<String> unless = Optional.ofNullable(request.getHeader("If-Range"));
    if (wanted.isPresent() && unless.map(version::isExactly).orElse(true)) {
      try {
        Optional<ByteRange> range = ByteRange.parse(wanted.get(), version.size());
        if (range.isPresent()) {
          part = range.get();
          response.setStatusCode(206);
          response.putHeader("Content-Range", part.contentRange(version.size()));
        }
      } catch (ByteRange.UnsatisfiableException e) {
        response.putHeader("Content-Range", "bytes */" + version.size());
        Problems.send(response, 416, "The file has %d bytes".formatted(version.size()));
        return false;
      }
    }
    response.putHeader("Content-Length", Long.toString(part.length()));
    if (request.method().equals(HttpMethod.HEAD)) {
      response.end();
      return false;
    }
    new FilePump(context, file, part, response).start();
    return true;
  }

  private static void close(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      // It was only read from.
    }
  }

  /** What an answer says of a file beside its bytes. */
  private record Version(StorePath path, long size, long modifiedNs, Optional<String> sha256) {

    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.RFC_1123_DATE_TIME;

    /** The checksum where it is known; else what changes when the file does, as a weak one. */
    String etag() {
      return sha256
          .map(sum -> '"' + sum + '"')
          .orElseGet(() -> "W/\"%x-%x\"".formatted(size, modifiedNs));
    }

    /**
     * Whether a condition names this version. A weak tag does not say that the bytes are the same,
     * so it never does.
     */
    boolean isOneOf(String condition) {
      return condition.strip().equals("*")
          || Stream.of(condition.split(",")).map(String::strip).anyMatch(this::isExactly);
    }

    boolean isExactly(String tag) {
      return sha256.isPresent() && etag().equals(tag);
    }

    void describe(HttpServerResponse response) {
      Problems.harden(response);
      Instant modified = Instant.EPOCH.plusNanos(modifiedNs);
      String type =
          Optional.ofNullable(URLConnection.guessContentTypeFromName(path.name()))
              .orElse("application/octet-stream");
      response
          .putHeader("Content-Type", type)
          // A page from the store must not act as if it were the console.
          .putHeader("Content-Security-Policy", "sandbox; default-src 'none'")
          .putHeader("Accept-Ranges", "bytes")
          .putHeader("Last-Modified", HTTP_DATE.format(modified.atZone(ZoneOffset.UTC)))
          .putHeader("ETag", etag());
    }
  }
}
