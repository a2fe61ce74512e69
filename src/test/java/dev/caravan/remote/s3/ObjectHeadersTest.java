package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.S3Settings.Sse;
import dev.caravan.lab.S3Bucket;
import dev.caravan.remote.s3.wire.S3Request;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectHeadersTest {

  private static final S3Bucket BUCKET = S3Bucket.at("http://host");

  @ParameterizedTest
  @CsvSource({
    "2023-11-14T22:13:20.123456789Z, 1700000000.123456789",
    "2023-11-14T22:13:20Z, 1700000000",
    "2023-11-14T22:13:20.100Z, 1700000000.1",
    "2023-11-14T22:13:20.000000001Z, 1700000000.000000001",
    "1970-01-01T00:00:00Z, 0",
    "1970-01-01T00:00:00.5Z, 0.5",
    "1969-12-31T23:59:59.5Z, -0.5",
    "1969-12-31T23:59:58Z, -2",
    "1901-01-01T00:00:00.000000001Z, -2177452799.999999999",
    "9999-12-31T23:59:59.999999999Z, 253402300799.999999999",
  })
  void timesAreWrittenAsRcloneWritesThem(Instant time, String text) {
    assertThat(ObjectHeaders.formatTime(time)).isEqualTo(text);
    assertThat(ObjectHeaders.parseTime(text)).contains(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "1.2.3", "-", "1e9", "99999999999999999999", "99999999999999999"})
  void whatIsNoTimeIsLeftAlone(String text) {
    assertThat(ObjectHeaders.parseTime(text)).isEmpty();
  }

  /** An upload is gone on with only by who would begin it in the same way. */
  @Test
  void theMarkOfABeginTellsWhatTheObjectGetsButNothingOfTheKey() throws Exception {
    S3Bucket first = BUCKET.customerKey("0123456789abcdef0123456789abcdef");
    S3Bucket second = BUCKET.customerKey("fedcba9876543210fedcba9876543210");
    String plain = mark(BUCKET, PatternContent.MODIFIED);
    assertThat(plain).matches("[0-9a-f]{16}").isEqualTo(mark(BUCKET, PatternContent.MODIFIED));
    assertThat(mark(BUCKET, Instant.EPOCH)).isNotEqualTo(plain);
    assertThat(mark(BUCKET.sse(Sse.AES256, Optional.empty()), PatternContent.MODIFIED))
        .isNotEqualTo(plain);
    assertThat(mark(first, PatternContent.MODIFIED))
        .isNotEqualTo(plain)
        .isEqualTo(mark(second, PatternContent.MODIFIED));
  }

  private static String mark(S3Bucket bucket, Instant modifiedAt) throws Exception {
    ObjectHeaders headers = new ObjectHeaders(bucket.settings());
    S3Request create = S3Request.post("f").headers(headers.creating());
    headers.describe(create, new PatternContent(10, 1, modifiedAt), true);
    return headers.mark(create);
  }

  @Test
  void aCustomerKeyIsTakenRawOrAsBase64() {
    String raw = "0123456789abcdef0123456789abcdef";
    String base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    ObjectHeaders headers = new ObjectHeaders(BUCKET.customerKey(raw).settings());
    assertThat(headers.opening())
        .containsEntry("x-amz-server-side-encryption-customer-algorithm", "AES256")
        .containsEntry("x-amz-server-side-encryption-customer-key", base64)
        .containsKey("x-amz-server-side-encryption-customer-key-MD5");
    assertThat(headers.copying())
        .containsEntry("x-amz-copy-source-server-side-encryption-customer-key", base64);
    assertThat(new ObjectHeaders(BUCKET.customerKey(base64).settings()).opening())
        .isEqualTo(headers.opening());
    assertThat(headers.isEtagMd5()).isFalse();
  }

  @Test
  void aCustomerKeyOfAnotherLengthIsRefusedWithoutShowingIt() {
    assertThatThrownBy(() -> new ObjectHeaders(BUCKET.customerKey("geheim").settings()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sse_customer_key")
        .hasMessageNotContaining("geheim");
  }

  @Test
  void serverSideKeysAreAskedForOnlyWhenAnObjectIsMade() {
    ObjectHeaders kms = new ObjectHeaders(BUCKET.sse(Sse.KMS, Optional.of("key-1")).settings());
    assertThat(kms.creating())
        .containsEntry("x-amz-server-side-encryption", "aws:kms")
        .containsEntry("x-amz-server-side-encryption-aws-kms-key-id", "key-1");
    assertThat(kms.opening()).isEmpty();
    assertThat(kms.isEtagMd5()).isFalse();
    ObjectHeaders aes = new ObjectHeaders(BUCKET.sse(Sse.AES256, Optional.empty()).settings());
    assertThat(aes.creating()).containsEntry("x-amz-server-side-encryption", "AES256");
    assertThat(aes.isEtagMd5()).isTrue();
  }
}
