package dev.caravan.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is wrong with a bucket, in a line. */
class DiagnosisTest {

  @ParameterizedTest
  @CsvSource({
    "AUTHENTICATION, (authentication): check AWS_ACCESS_KEY_ID",
    "PERMISSION, (permission): let these keys",
    "READ_ONLY, (permission): let these keys",
    "NOT_THERE, (missing bucket): create it",
    "NETWORK, (network): check BUCKET_HOST",
    "TLS, (network): check TLS_HOST",
    "FULL, (no space): make room",
  })
  void eachDocumentedCauseSaysWhatToDo(Cause cause, String line) {
    assertThat(Diagnosis.connection(new RemoteException(cause, "it said no")))
        .startsWith("Connection test failed " + line)
        .endsWith(": it said no");
  }

  @ParameterizedTest
  @CsvSource({"AUTHENTICATION", "NOT_THERE"})
  void keysOfTheConfigurationAreNoAdviceForAMover(Cause cause) {
    String said = "GET failed: NoSuchBucket; check bucket and endpoint, or set create_bucket";
    assertThat(Diagnosis.connection(new RemoteException(cause, said)))
        .endsWith(": GET failed: NoSuchBucket");
    String region = "GET failed: 301; the bucket lies in region x: set region to that";
    assertThat(Diagnosis.connection(new RemoteException(cause, region))).endsWith(": " + region);
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void everyCauseHasALineAndAWordForTheMetrics(Cause cause) {
    RemoteException fault = new RemoteException(cause, "x");
    assertThat(Diagnosis.connection(fault)).startsWith("Connection test failed (").endsWith(": x");
    assertThat(Diagnosis.word(fault)).matches("[a-z][a-z_]{0,39}");
  }

  @Test
  void whatIsNoFaultOfTheBucketHasAWordAsWell() {
    assertThat(Diagnosis.word(new IllegalStateException("x"))).isEqualTo("failed");
    assertThat(Diagnosis.word(new RemoteException(Cause.CANCELLED, "x"))).isEqualTo("stopped");
  }
}
