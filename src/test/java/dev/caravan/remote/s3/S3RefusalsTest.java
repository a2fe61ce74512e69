package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.lab.S3Bucket;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of answers that only a sick or hostile server gives, and of none. */
class S3RefusalsTest {

  private static final ObjectKey KEY = new ObjectKey("a/b.txt");
  private static final String LIST = "<ListBucketResult xmlns=\"urn:s3\">%s</ListBucketResult>";

  private ScriptedServer server;
  private S3Remote remote;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    remote = remote(server.endpoint());
  }

  @AfterEach
  void stop() {
    remote.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "403, InvalidAccessKeyId, AUTHENTICATION",
    "403, SignatureDoesNotMatch, AUTHENTICATION",
    "400, ExpiredToken, AUTHENTICATION",
    "403, AccessDenied, PERMISSION",
    "404, NoSuchBucket, NOT_THERE",
    "404, NoSuchKey, NO_SUCH_OBJECT",
    "403, RequestTimeTooSkewed, CLOCK",
    "503, SlowDown, THROTTLED",
    "429, TooManyRequests, THROTTLED",
    "507, InsufficientStorage, FULL",
    "403, QuotaExceeded, FULL",
    "400, BadDigest, CORRUPT",
    "400, XAmzContentSHA256Mismatch, CORRUPT",
    "500, InternalError, SERVER",
    "502, '', SERVER",
    "501, NotImplemented, UNSUPPORTED",
    "400, InvalidArgument, OTHER",
    "401, '', AUTHENTICATION",
  })
  void aRefusalIsNamedByItsCodeAndElseByItsStatus(int status, String code, Cause cause) {
    server.says(e -> ScriptedServer.error(status, code, "some words\nin two lines"));
    RemoteException refused = refusedBy(() -> remote.open(KEY, 0, -1).close());
    assertThat(refused.reason()).isEqualTo(cause);
    assertThat(refused).hasMessageContaining("Remote 'test'").hasMessageContaining("'a/b.txt'");
    assertThat(refused.getMessage()).doesNotContain("\n").contains("; ");
  }

  @Test
  void theRightRegionIsNamed() {
    server.says(
        e ->
            new Answer(
                400,
                Map.of(),
                "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong"
                    + "</Message><Region>eu-west-1</Region></Error>"));
    RemoteException refused = refusedBy(() -> remote.open(KEY, 0, -1).close());
    assertThat(refused.reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(refused)
        .hasMessageContaining("set region to that")
        .hasMessageContaining("eu-west-1");
    server.says(e -> new Answer(301, Map.of("x-amz-bucket-region", "ap-south-1"), ""));
    assertThat(refusedBy(() -> remote.find(KEY))).hasMessageContaining("ap-south-1");
  }

  @Test
  void theWishToBeLeftAloneIsPassedOn() {
    server.says(e -> new Answer(503, Map.of("Retry-After", "7"), ""));
    RemoteException refused = refusedBy(() -> remote.open(KEY, 0, -1).close());
    assertThat(refused.retryAfter()).contains(Duration.ofSeconds(7));
    server.says(e -> new Answer(503, Map.of("Retry-After", "86400"), ""));
    assertThat(refusedBy(() -> remote.open(KEY, 0, -1).close()).retryAfter())
        .contains(Duration.ofMinutes(5));
  }

  @Test
  void aRefusedHeadIsExplainedByAGet() {
    server.says(
        e ->
            e.getRequestMethod().equals("HEAD")
                ? new Answer(403, Map.of(), "")
                : ScriptedServer.error(403, "InvalidAccessKeyId", "who?"));
    assertThat(refusedBy(() -> remote.find(KEY)).reason()).isEqualTo(Cause.AUTHENTICATION);
  }

  @Test
  void a404MayMeanTheBucket() {
    server.says(
        e ->
            e.getRequestMethod().equals("HEAD")
                ? new Answer(404, Map.of(), "")
                : ScriptedServer.error(404, "NoSuchBucket", "no"));
    assertThat(refusedBy(() -> remote.find(KEY)).reason()).isEqualTo(Cause.NOT_THERE);
  }

  @Test
  void anObjectThatIsCutOffOnTheWayIsCorrupt() throws Exception {
    server.says(e -> new Answer(200, Map.of(), "short", 100));
    try (InputStream in = remote.open(KEY, 0, -1)) {
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasCauseInstanceOf(RemoteException.class);
    }
  }

  @Test
  void aServerThatIgnoresTheRangeIsFoundOut() {
    server.says(e -> new Answer(200, Map.of(), "0123456789"));
    assertThat(refusedBy(() -> remote.open(KEY, 5, 2).close()).reason())
        .isEqualTo(Cause.UNSUPPORTED);
    assertThat(refusedBy(() -> remote.open(KEY, 0, 20).close()).reason()).isEqualTo(Cause.CORRUPT);
  }

  @Test
  void aFurtherPageThatFailsIsAskedForAgainAndNoneIsVisitedTwice() throws Exception {
    remote.close();
    remote =
        new S3Remote(
            S3Bucket.at(server.endpoint()).settings(),
            new RecordingJournal(),
            Clock.systemUTC(),
            new S3Patience(
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                wait -> {}));
    String row =
        "<Contents><Key>%s</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z"
            + "</LastModified></Contents>";
    AtomicInteger asked = new AtomicInteger();
    server.says(
        e -> {
          if (!e.getRequestURI().getRawQuery().contains("continuation-token")) {
            String more =
                "<IsTruncated>true</IsTruncated><NextContinuationToken>t"
                    + "</NextContinuationToken>";
            return new Answer(200, Map.of(), LIST.formatted(more + row.formatted("a")));
          }
          return asked.incrementAndGet() < 4
              ? ScriptedServer.error(503, "SlowDown", "later")
              : new Answer(
                  200,
                  Map.of(),
                  LIST.formatted("<IsTruncated>false</IsTruncated>" + row.formatted("b")));
        });
    List<String> visited = new ArrayList<>();
    remote.list("", stat -> visited.add(stat.key().value()));
    assertThat(visited).containsExactly("a", "b");
    assertThat(asked).hasValue(4);
    asked.set(-100);
    RemoteException refused = refusedBy(() -> remote.list("", stat -> {}));
    assertThat(refused.reason()).isEqualTo(Cause.THROTTLED);
    assertThat(asked).as("five tries").hasValue(-95);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<IsTruncated>false</IsTruncated><Contents><Key>a</Key>",
        "<Contents><Key>a</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified>"
            + "</Contents>",
        "<IsTruncated>true</IsTruncated>",
        "<IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents>",
        "<IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>x</Size>"
            + "<LastModified>2026-01-01T00:00:00Z</LastModified></Contents>",
        "<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType><Contents><Key>%</Key>"
            + "<Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>",
      })
  void aListingThatIsOddThrowsAndShowsNothing(String content) {
    server.says(e -> new Answer(200, Map.of(), LIST.formatted(content)));
    List<String> seen = new ArrayList<>();
    RemoteException refused = refusedBy(() -> remote.list("", s -> seen.add(s.key().value())));
    assertThat(refused.reason()).isEqualTo(Cause.SERVER);
    assertThat(seen).isEmpty();
  }

  @Test
  void aListingThatIsAPageOfSomeoneElseThrows() {
    server.says(e -> new Answer(200, Map.of(), "<html>Please log in</html>"));
    assertThat(refusedBy(() -> remote.list("", s -> {})).reason()).isEqualTo(Cause.SERVER);
  }

  @Test
  void aCopyThatFailsAfterItsSuccessWasSentDeletesNothing() throws Exception {
    server.says(
        e -> new Answer(200, Map.of(), "  \n" + ScriptedServer.errorXml("InternalError", "oh")));
    Map<ObjectKey, RemoteException> failed = remote.move(Map.of(KEY, new ObjectKey("b")));
    assertThat(failed).containsOnlyKeys(KEY);
    assertThat(failed.values()).extracting(RemoteException::reason).containsExactly(Cause.SERVER);
    assertThat(server.asked()).noneMatch(r -> r.startsWith("POST"));
  }

  @Test
  void eachKeyOfABatchHasItsOwnOutcome() throws Exception {
    server.says(
        e ->
            new Answer(
                200,
                Map.of(),
                "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message>"
                    + "</Error><Error><Key>b</Key><Code>NoSuchKey</Code></Error></DeleteResult>"));
    ObjectKey a = new ObjectKey("a");
    Map<ObjectKey, RemoteException> failed =
        remote.delete(List.of(a, new ObjectKey("b"), new ObjectKey("c")));
    assertThat(failed).containsOnlyKeys(a);
    assertThat(failed.values())
        .extracting(RemoteException::reason)
        .containsExactly(Cause.PERMISSION);
  }

  @Test
  void aServerWithoutBatchesIsAskedForEachObject() throws Exception {
    server.says(
        e ->
            e.getRequestMethod().equals("POST")
                ? ScriptedServer.error(501, "NotImplemented", "no batches")
                : new Answer(204, Map.of(), ""));
    assertThat(remote.delete(List.of(new ObjectKey("a"), new ObjectKey("b")))).isEmpty();
    assertThat(server.asked())
        .containsExactly("POST /bucket?delete=", "DELETE /bucket/a", "DELETE /bucket/b");
  }

  private static S3Remote remote(String endpoint) {
    return new S3Remote(
        S3Bucket.at(endpoint).settings(), new RecordingJournal(), Clock.systemUTC());
  }

  private static RemoteException refusedBy(ThrowingCallable call) {
    RemoteException refused = catchThrowableOfType(RemoteException.class, call);
    assertThat(refused).isNotNull();
    return refused;
  }
}
