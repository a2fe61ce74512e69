package dev.caravan.remote.s3.wire;

import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.http.SdkHttpMethod;

/**
 * One request before it is signed; built step by step, then sent as often as needed. Keys are full
 * keys with the remote's prefix, {@code ""} means the bucket itself.
 */
public final class S3Request {

  private static final long ASK_FIRST_BYTES = 1 << 20;

  private final SdkHttpMethod method;
  private final String key;
  private final Map<String, String> query = new LinkedHashMap<>(4);
  private final Map<String, String> headers = new LinkedHashMap<>();
  private RequestBody body = RequestBody.NONE;
  private boolean patient;

  private S3Request(SdkHttpMethod method, String key) {
    this.method = method;
    this.key = key;
  }

  public static S3Request put(String key) {
    return new S3Request(SdkHttpMethod.PUT, key);
  }

  public static S3Request get(String key) {
    return new S3Request(SdkHttpMethod.GET, key);
  }

  public static S3Request head(String key) {
    return new S3Request(SdkHttpMethod.HEAD, key);
  }

  public static S3Request post(String key) {
    return new S3Request(SdkHttpMethod.POST, key);
  }

  public static S3Request delete(String key) {
    return new S3Request(SdkHttpMethod.DELETE, key);
  }

  public S3Request query(String name, String value) {
    query.put(name, value);
    return this;
  }

  public S3Request header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  public S3Request headers(Map<String, String> more) {
    headers.putAll(more);
    return this;
  }

  public S3Request body(RequestBody content) {
    this.body = content;
    return this;
  }

  /** The server may think for up to fifteen minutes before its first byte. */
  public S3Request patient() {
    this.patient = true;
    return this;
  }

  public SdkHttpMethod method() {
    return method;
  }

  public String key() {
    return key;
  }

  public Map<String, String> query() {
    return query;
  }

  public Map<String, String> headers() {
    return headers;
  }

  public RequestBody body() {
    return body;
  }

  /** Bigger bodies ask first, so that a refusal is heard instead of a connection cut off. */
  boolean asksFirst() {
    return body.length() >= ASK_FIRST_BYTES;
  }

  public boolean isPatient() {
    return patient;
  }

  /** For a message: {@code PUT 'a/b.txt'}. */
  @Override
  public String toString() {
    return key.isEmpty() ? method + " of the bucket" : method + " of '" + key + "'";
  }
}
