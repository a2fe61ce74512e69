package dev.caravan.remote.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.lab.S3Bucket;
import java.net.URI;
import org.junit.jupiter.api.Test;

class S3AddressTest {

  @Test
  void theBucketIsPartOfThePathWhereThatIsAskedFor() {
    S3Address address = address(S3Bucket.at("http://host:9000").prefix("/pre/fix/"));
    assertThat(address.host()).isEqualTo("host");
    assertThat(address.port()).isEqualTo(9000);
    assertThat(address.path(address.fullKey("a b"))).isEqualTo("/bucket/pre/fix/a%20b");
    assertThat(address.path("")).isEqualTo("/bucket");
    assertThat(address.identity()).isEqualTo("s3://bucket/pre/fix at http://host:9000");
  }

  @Test
  void theBucketIsPartOfTheHostOtherwise() {
    S3Address address = address(S3Bucket.at("https://host/s3/").pathStyle(false));
    assertThat(address.host()).isEqualTo("bucket.host");
    assertThat(address.port()).isEqualTo(443);
    assertThat(address.path("k")).isEqualTo("/s3/k");
    assertThat(address.identity()).isEqualTo("s3://bucket at https://host/s3");
  }

  @Test
  void amazonIsMeantWithoutAnEndpoint() {
    S3Bucket bucket = S3Bucket.atAmazon().region("eu-central-1");
    assertThat(address(bucket).host()).isEqualTo("bucket.s3.eu-central-1.amazonaws.com");
    assertThat(address(bucket).path("")).isEqualTo("/");
    assertThat(address(bucket.region("cn-north-1")).host())
        .isEqualTo("bucket.s3.cn-north-1.amazonaws.com.cn");
  }

  @Test
  void aBucketWithDotsStaysInThePathWithinTls() {
    S3Address address = address(S3Bucket.atAmazon().bucket("my.bucket"));
    assertThat(address.host()).isEqualTo("s3.us-east-1.amazonaws.com");
    assertThat(address.path("k")).isEqualTo("/my.bucket/k");
  }

  @Test
  void anEndpointThatIsNoWebAddressIsRefused() {
    S3Bucket bucket = S3Bucket.at("http://host").endpoint(URI.create("host:9000"));
    assertThatThrownBy(() -> address(bucket))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("host:9000");
  }

  private static S3Address address(S3Bucket bucket) {
    return S3Address.of(bucket.settings());
  }
}
