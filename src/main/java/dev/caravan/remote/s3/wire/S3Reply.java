package dev.caravan.remote.s3.wire;

import dev.caravan.remote.s3.http.HttpAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** A server's answer; closing it gives the connection back, or ends it when bytes are left. */
public final class S3Reply implements AutoCloseable {

  private static final int MAX_ERROR = 64 * 1024;

  private final HttpAnswer answer;
  private final ErrorBody error;

  private S3Reply(HttpAnswer answer, ErrorBody error) {
    this.answer = answer;
    this.error = error;
  }

  /** Takes over the answer; the body of a refusal is read at once. */
  static S3Reply of(HttpAnswer answer) throws IOException {
    if (isGood(answer)) {
      return new S3Reply(answer, ErrorBody.NONE);
    }
    try (InputStream body = answer.body()) {
      byte[] document = body.readNBytes(MAX_ERROR);
      if (document.length == MAX_ERROR) {
        answer.abort();
      }
      return new S3Reply(answer, ErrorBody.parse(document));
    }
  }

  private static boolean isGood(HttpAnswer answer) {
    return answer.status() / 100 == 2;
  }

  public int status() {
    return answer.status();
  }

  public boolean isGood() {
    return isGood(answer);
  }

  public ErrorBody error() {
    return error;
  }

  public Optional<String> header(String name) {
    return answer.header(name);
  }

  /** The entity tag without its quotes. */
  public Optional<String> etag() {
    return header("ETag").map(S3Reply::unquote);
  }

  public static String unquote(String etag) {
    boolean quoted = etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"");
    return quoted ? etag.substring(1, etag.length() - 1) : etag;
  }

  public Optional<String> version() {
    return header("x-amz-version-id").filter(v -> !v.equals("null"));
  }

  public InputStream body() {
    return answer.body();
  }

  /** Ends the connection instead of reading what is left. */
  public void abort() {
    answer.abort();
  }

  @Override
  public void close() {
    try {
      answer.body().close();
    } catch (IOException e) {
      // The answer was read as far as it mattered; a connection that breaks now harms nobody.
      answer.abort();
    }
  }
}
