package dev.caravan.remote.s3;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.SdkHttpResponse;

/** A server's answer; closing it gives the connection back, or ends it when bytes are left. */
final class S3Reply implements AutoCloseable {

  private static final int MAX_ERROR = 64 * 1024;

  private final SdkHttpResponse response;
  private final @Nullable AbortableInputStream body;
  private final ErrorBody error;

  private S3Reply(SdkHttpResponse response, @Nullable AbortableInputStream body, ErrorBody error) {
    this.response = response;
    this.body = body;
    this.error = error;
  }

  /** Takes over the body; that of a refusal is read at once. */
  static S3Reply of(SdkHttpResponse response, @Nullable AbortableInputStream body)
      throws IOException {
    if (response.isSuccessful() || body == null) {
      return new S3Reply(response, body, ErrorBody.NONE);
    }
    try (body) {
      byte[] document = body.readNBytes(MAX_ERROR);
      if (document.length == MAX_ERROR) {
        body.abort();
      }
      return new S3Reply(response, null, ErrorBody.parse(document));
    }
  }

  int status() {
    return response.statusCode();
  }

  boolean isGood() {
    return response.isSuccessful();
  }

  ErrorBody error() {
    return error;
  }

  Optional<String> header(String name) {
    return response.firstMatchingHeader(name);
  }

  /** The entity tag without its quotes. */
  Optional<String> etag() {
    return header("ETag").map(S3Reply::unquote);
  }

  static String unquote(String etag) {
    boolean quoted = etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"");
    return quoted ? etag.substring(1, etag.length() - 1) : etag;
  }

  Optional<String> version() {
    return header("x-amz-version-id").filter(v -> !v.equals("null"));
  }

  InputStream body() {
    return body == null ? InputStream.nullInputStream() : body;
  }

  /** Ends the connection instead of reading what is left. */
  void abort() {
    if (body != null) {
      body.abort();
    }
  }

  @Override
  public void close() {
    if (body == null) {
      return;
    }
    try {
      body.close();
    } catch (IOException e) {
      // The answer was read as far as it mattered; a connection that breaks now harms nobody.
      body.abort();
    }
  }
}
