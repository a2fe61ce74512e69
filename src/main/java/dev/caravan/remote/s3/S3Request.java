package dev.caravan.remote.s3;

import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awssdk.http.SdkHttpMethod;

/** One request before it is signed; built step by step, then sent as often as needed. */
final class S3Request {

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

  /**
   * @param key the full key with the remote's prefix; {@code ""} for the bucket itself
   */
  static S3Request of(SdkHttpMethod method, String key) {
    return new S3Request(method, key);
  }

  static S3Request put(String key) {
    return new S3Request(SdkHttpMethod.PUT, key);
  }

  static S3Request get(String key) {
    return new S3Request(SdkHttpMethod.GET, key);
  }

  static S3Request head(String key) {
    return new S3Request(SdkHttpMethod.HEAD, key);
  }

  static S3Request post(String key) {
    return new S3Request(SdkHttpMethod.POST, key);
  }

  static S3Request delete(String key) {
    return new S3Request(SdkHttpMethod.DELETE, key);
  }

  S3Request query(String name, String value) {
    query.put(name, value);
    return this;
  }

  S3Request header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  S3Request headers(Map<String, String> more) {
    headers.putAll(more);
    return this;
  }

  S3Request body(RequestBody content) {
    this.body = content;
    return this;
  }

  /** The server may think for up to fifteen minutes before its first byte. */
  S3Request patient() {
    this.patient = true;
    return this;
  }

  SdkHttpMethod method() {
    return method;
  }

  String key() {
    return key;
  }

  Map<String, String> query() {
    return query;
  }

  Map<String, String> headers() {
    return headers;
  }

  RequestBody body() {
    return body;
  }

  boolean isPatient() {
    return patient;
  }

  /** For a message: {@code PUT 'a/b.txt'}. */
  @Override
  public String toString() {
    return key.isEmpty() ? method + " of the bucket" : method + " of '" + key + "'";
  }
}
