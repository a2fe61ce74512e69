package dev.caravan.remote.rclone;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.rclone.rcd.HashType;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.RcloneErrors;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/** Reads objects, whole or in part, as rclone serves them. */
final class ObjectReads {

  private static final int TRIES = 10;
  private static final int OK = 200;
  private static final int PART = 206;
  private static final int NOT_FOUND = 404;
  private static final int NO_SUCH_PART = 416;

  private final Rclone rclone;
  private final Storage storage;
  private final StallWatch watch;

  ObjectReads(Rclone rclone, Storage storage, StallWatch watch) {
    this.rclone = rclone;
    this.storage = storage;
    this.watch = watch;
  }

  /**
   * Opens the bytes from {@code offset} on.
   *
   * @param length -1 for all to the end
   */
  InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    for (int tries = 1; ; tries++) {
      Opened opened = openOnce(key, offset, length);
      if (tries == TRIES || isStillOf(key, opened.sizeBytes())) {
        return opened.content();
      }
      close(opened.content());
    }
  }

  /** Content, and the length of the whole object as it was told with it; -1 when it was not. */
  private record Opened(InputStream content, long sizeBytes) {}

  /**
   * rclone looks at an object before it opens it. When another was put there in between, it says
   * the length of the one and sends the other; then the length is not that of what is there now.
   */
  private boolean isStillOf(ObjectKey key, long sizeBytes) throws RemoteException {
    if (sizeBytes < 0) {
      return true;
    }
    Optional<Entry> now = storage.find(RcloneNames.toRclone(key.value()), Optional.empty());
    return now.isEmpty() || now.get().sizeBytes() == sizeBytes;
  }

  private Opened openOnce(ObjectKey key, long offset, long length) throws RemoteException {
    String doing = "read " + RcloneErrors.shown(key);
    // Of nothing there is no range; but whether there is an object still matters.
    String range = range(offset, length == 0 ? 1 : length);
    HttpResponse<InputStream> answer = rclone.get(doing, addressOf(key), range);
    int status = answer.statusCode();
    if (status == NO_SUCH_PART || (length == 0 && status < NOT_FOUND)) {
      close(answer.body());
      return new Opened(InputStream.nullInputStream(), -1);
    }
    if (status == PART || (status == OK && range.isEmpty())) {
      return new Opened(watch.over(answer.body(), doing), sizeBytes(answer));
    }
    if (status == OK) {
      InputStream part = skipTo(doing, answer.body(), offset, length);
      return new Opened(watch.over(part, doing), sizeBytes(answer));
    }
    throw failure(key, doing, answer);
  }

  private static long sizeBytes(HttpResponse<InputStream> answer) {
    Optional<String> range = answer.headers().firstValue("Content-Range");
    if (range.isEmpty()) {
      return answer.headers().firstValueAsLong("Content-Length").orElse(-1);
    }
    String whole = range.get().substring(range.get().indexOf('/') + 1);
    return whole.matches("\\d{1,18}") ? Long.parseLong(whole) : -1;
  }

  /** The SHA-256 of the whole object, in hex digits. */
  String sha256(ObjectKey key) throws RemoteException {
    MessageDigest hash = HashType.SHA256.begin();
    byte[] buffer = new byte[128 * 1024];
    try (InputStream in = open(key, 0, -1)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
      }
    } catch (IOException e) {
      throw rclone.broken("read " + RcloneErrors.shown(key), e);
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private static String range(long offset, long length) {
    if (offset == 0 && length < 0) {
      return "";
    }
    return "bytes=" + offset + "-" + (length < 0 ? "" : offset + length - 1);
  }

  /** An object whose size the storage does not know is served whole, whatever was asked for. */
  private InputStream skipTo(String doing, InputStream body, long offset, long length)
      throws RemoteException {
    try {
      body.skipNBytes(offset);
      return length < 0 ? body : new PartStream(body, length);
    } catch (IOException e) {
      close(body);
      throw rclone.broken(doing, e);
    }
  }

  private RemoteException failure(ObjectKey key, String doing, HttpResponse<InputStream> answer) {
    try (InputStream body = answer.body()) {
      String said = Rclone.JSON.readTree(body).path("error").asText("no reason given");
      RemoteException failure = rclone.errors().of(doing, answer.statusCode(), said);
      return Storage.isAbsent(failure)
          ? rclone
              .errors()
              .of(Cause.NO_SUCH_OBJECT, "there is no object " + RcloneErrors.shown(key), failure)
          : failure;
    } catch (IOException e) {
      return rclone.broken(doing, e);
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // Nobody wants to read it.
    }
  }

  private static String addressOf(ObjectKey key) {
    StringBuilder address = new StringBuilder("%5B" + Rclone.ROOT + "%5D");
    for (String name : RcloneNames.toRclone(key.value()).split("/", -1)) {
      address.append('/');
      address.append(URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return address.toString();
  }
}
