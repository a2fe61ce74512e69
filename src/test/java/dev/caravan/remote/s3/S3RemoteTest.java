package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.S3Settings.Sse;
import dev.caravan.event.StorePath;
import dev.caravan.lab.S3Bucket;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class S3RemoteTest {

  private static final long MIB = 1 << 20;
  private static final S3Bucket BUCKET = S3Bucket.at("http://127.0.0.1:1").prefix("pre");

  private final RecordingJournal journal = new RecordingJournal();

  @Test
  void saysWhoItIsWithoutAskingAnyone() {
    try (S3Remote remote = remote(BUCKET)) {
      assertThat(remote.name()).isEqualTo("test");
      assertThat(remote.provider()).isEqualTo("s3");
      assertThat(remote.identity()).isEqualTo("s3://bucket/pre at http://127.0.0.1:1");
    }
  }

  @Test
  void aKeyMayHave1024BytesWithThePrefix() {
    try (S3Remote remote = remote(BUCKET)) {
      assertThat(remote.refusal(StorePath.of("ü".repeat(510)), 1)).isEmpty();
      assertThat(remote.refusal(StorePath.of("ü".repeat(510) + "x"), 1))
          .hasValueSatisfying(why -> assertThat(why).contains("1025"));
      assertThat(remote.refusal(StorePath.of("x"), 5L << 40)).isEmpty();
      assertThat(remote.refusal(StorePath.of("x"), (5L << 40) + 1)).isPresent();
    }
  }

  @Test
  void theMd5IsWantedWhereTheEtagWillNotBeIt() {
    try (S3Remote remote = remote(BUCKET);
        S3Remote kms = remote(BUCKET.sse(Sse.KMS, Optional.empty()))) {
      assertThat(remote.wantedSums(32 * MIB).md5()).isFalse();
      assertThat(remote.wantedSums(32 * MIB + 1).md5()).isTrue();
      assertThat(kms.wantedSums(1).md5()).isTrue();
    }
  }

  @Test
  void anUploadThatWasNeverBegunIsNotJournalledAsOpen() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      ObjectKey key = new ObjectKey("f");
      PatternContent content = new PatternContent(33 * MIB, 1);
      serve(
          server,
          content,
          (m, q) -> q.contains("uploads") ? ScriptedServer.error(403, "AccessDenied", "") : null);
      assertThatThrownBy(() -> remote.put(key, content)).isInstanceOf(RemoteException.class);
      assertThat(journal.told()).containsExactly("begun f", "ended f");
    }
  }

  @Test
  void anUploadWhoseAnswerWasLostStaysInTheJournal() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      ObjectKey key = new ObjectKey("f");
      PatternContent content = new PatternContent(33 * MIB, 1);
      serve(
          server,
          content,
          (m, q) -> q.contains("uploads") ? new Answer(200, Map.of(), "<Init", 1000) : null);
      assertThatThrownBy(() -> remote.put(key, content)).isInstanceOf(RemoteException.class);
      assertThat(journal.told()).containsExactly("begun f");
    }
  }

  @Test
  void aServerThatAnswersAnotherQuestionDoesNotKnowThisOne() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      String[] roots = {"ListBucketResult", "html"};
      Cause[] causes = {Cause.UNSUPPORTED, Cause.SERVER};
      for (int i = 0; i < roots.length; i++) {
        Answer answer = new Answer(200, Map.of(), "<%1$s></%1$s>".formatted(roots[i]));
        server.says(exchange -> answer);
        Cause cause = causes[i];
        assertThatThrownBy(() -> remote.sweep(new ObjectKey("f"), Instant.EPOCH))
            .hasMessageContaining(roots[i] + "> came instead")
            .isInstanceOfSatisfying(
                RemoteException.class, e -> assertThat(e.reason()).isEqualTo(cause));
      }
    }
  }

  @Test
  void aFewHiccupsDoNotCostTheWholeUpload() throws Exception {
    AtomicInteger hiccups = new AtomicInteger(3);
    PatternContent content = new PatternContent(33 * MIB, 1);
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      Answer hiccup = ScriptedServer.error(500, "InternalError", "hiccup");
      serve(
          server,
          content,
          (m, q) -> q.contains("partNumber") && hiccups.getAndDecrement() > 0 ? hiccup : null);
      remote.put(new ObjectKey("f"), content);
      assertThat(server.asked().stream().filter(r -> r.contains("partNumber"))).hasSize(7 + 3);
      assertThat(journal.told()).containsExactly("begun f", "ended f");
    }
  }

  /** A completion that is refused although it was done before: the object decides. */
  @Test
  void whatWasCompletedThoughNobodySaidSoIsFound() throws Exception {
    PatternContent content = new PatternContent(33 * MIB, 1);
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      Answer refusal = ScriptedServer.error(404, "NoSuchUpload", "completed before");
      serve(server, content, (m, q) -> m.equals("POST") && q.contains("uploadId") ? refusal : null);
      assertThat(remote.put(new ObjectKey("f"), content).etag()).contains("e");
      assertThat(journal.told()).containsExactly("begun f", "ended f");
    }
  }

  /** What lies there says nothing of its content: it may be older, and of the same size. */
  @Test
  void afterARefusedCompletionAnOlderObjectOfThatSizeProvesNothing() throws Exception {
    PatternContent content = new PatternContent(33 * MIB, 1);
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      Answer refusal = ScriptedServer.error(403, "AccessDenied", "no completion");
      String size = Long.toString(content.sizeBytes());
      Answer older = new Answer(200, Map.of("ETag", "\"old-3\"", "Content-Length", size), "");
      serve(
          server,
          content,
          (m, q) -> {
            boolean completion = m.equals("POST") && q.contains("uploadId");
            return completion ? refusal : m.equals("HEAD") ? older : null;
          });
      assertThatThrownBy(() -> remote.put(new ObjectKey("f"), content))
          .isInstanceOf(RemoteException.class)
          .hasMessageContaining("AccessDenied");
      assertThat(server.asked()).as("aborted").anyMatch(r -> r.startsWith("DELETE"));
    }
  }

  @Test
  void aSuccessWithoutAnEtagIsNoAnswerOfS3() throws Exception {
    PatternContent content = new PatternContent(5, 1);
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      Answer portal = new Answer(200, Map.of("Content-Type", "text/html"), "<html>log in</html>");
      serve(server, content, (m, q) -> m.equals("PUT") ? portal : null);
      assertThatThrownBy(() -> remote.put(new ObjectKey("f"), content))
          .isInstanceOf(RemoteException.class)
          .hasMessageContaining("ETag");
    }
  }

  @Test
  void anAbortGoesOnUntilNoPartIsLeft() throws Exception {
    AtomicInteger stubborn = new AtomicInteger(3);
    PatternContent content = new PatternContent(33 * MIB, 1).changingAtEnd();
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      Answer parts = new Answer(200, Map.of(), PARTS);
      serve(
          server,
          content,
          (m, q) ->
              m.equals("GET") && q.contains("uploadId") && stubborn.decrementAndGet() > 0
                  ? parts
                  : null);
      assertThatThrownBy(() -> remote.put(new ObjectKey("f"), content))
          .hasMessage("the file changed");
      assertThat(server.asked().stream().filter(r -> r.startsWith("DELETE"))).hasSize(3);
      assertThat(journal.told()).containsExactly("begun f", "ended f");
    }
  }

  @Test
  void anAbortThatFailsIsLeftToTheSweep() throws Exception {
    PatternContent content = new PatternContent(33 * MIB, 1).changingAtEnd();
    try (ScriptedServer server = new ScriptedServer();
        S3Remote remote = remote(S3Bucket.at(server.endpoint()))) {
      Answer later = ScriptedServer.error(503, "SlowDown", "later");
      serve(server, content, (m, q) -> m.equals("DELETE") ? later : null);
      assertThatThrownBy(() -> remote.put(new ObjectKey("f"), content))
          .hasMessage("the file changed")
          .satisfies(
              e ->
                  assertThat(((RemoteException) e.getSuppressed()[0]).reason())
                      .isEqualTo(Cause.THROTTLED));
      assertThat(journal.told()).containsExactly("begun f");
    }
  }

  private S3Remote remote(S3Bucket bucket) {
    return new S3Remote(bucket.settings(), journal, Clock.systemUTC());
  }

  /** What the server says instead; null for what a healthy one would. */
  private interface Fault {
    @Nullable Answer instead(String method, String query);
  }

  private static void serve(ScriptedServer server, PatternContent content, Fault fault) {
    server.says(
        e -> {
          String query = String.valueOf(e.getRequestURI().getQuery());
          Answer instead = fault.instead(e.getRequestMethod(), query);
          return instead == null ? healthy(e.getRequestMethod(), query, content) : instead;
        });
  }

  private static final String PARTS =
      "<ListPartsResult><Part><PartNumber>1</PartNumber></Part></ListPartsResult>";

  /** A server that takes everything and refuses nothing. */
  private static Answer healthy(String method, String query, PatternContent content) {
    Map<String, String> etag = Map.of("ETag", "\"e\"");
    return switch (method) {
      case "HEAD" ->
          new Answer(
              200,
              Map.of(
                  "ETag", "\"e\"",
                  "Content-Length", Long.toString(content.sizeBytes()),
                  "x-amz-meta-caravan-sha256", content.sha256()),
              "");
      case "PUT" -> new Answer(200, etag, "");
      case "POST" ->
          new Answer(
              200,
              Map.of(),
              query.contains("uploads")
                  ? "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                      + "</InitiateMultipartUploadResult>"
                  : query.contains("delete")
                      ? "<DeleteResult/>"
                      : "<CompleteMultipartUploadResult/>");
      case "DELETE" -> new Answer(204, Map.of(), "");
      default ->
          query.contains("uploadId")
              ? ScriptedServer.error(404, "NoSuchUpload", "gone")
              : new Answer(200, Map.of(), "<ListBucketResult/>");
    };
  }
}
