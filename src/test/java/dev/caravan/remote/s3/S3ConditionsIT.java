package dev.caravan.remote.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.lab.AtOnce;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote.Conditions;
import dev.caravan.remote.Remote.Conditions.Creation;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conditions at real servers, which judge them; those that do not are in ConditionalTest. */
class S3ConditionsIT {

  private static final ObjectKey KEY = new ObjectKey("a");

  @ParameterizedTest
  @EnumSource(names = {"CEPH", "S3PROXY"})
  void ofManyAtTheSameMomentOneCreates(S3Server server) throws Exception {
    try (S3Remote remote = remote(server)) {
      Conditions conditions = remote.conditions().orElseThrow();
      AtomicInteger sources = new AtomicInteger();
      List<Creation> made =
          AtOnce.run(
              8,
              () -> {
                TextContent mine = new TextContent("source " + sources.incrementAndGet());
                return conditions.create(KEY, mine);
              });
      assertThat(Collections.frequency(made, Creation.CREATED)).isEqualTo(1);
      assertThat(Collections.frequency(made, Creation.TAKEN)).isEqualTo(7);
      List<String> left = new ArrayList<>();
      remote.list("", stat -> left.add(stat.key().value()));
      assertThat(left).containsExactly(KEY.value());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CEPH", "S3PROXY"})
  void whatWasReplacedIsNotReadOn(S3Server server) throws Exception {
    try (S3Remote remote = remote(server)) {
      Conditions conditions = remote.conditions().orElseThrow();
      remote.put(KEY, new TextContent("version one"));
      ObjectStat seen = remote.find(KEY).orElseThrow();
      try (InputStream in = conditions.open(seen, 8)) {
        assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo("one");
      }
      remote.put(KEY, new TextContent("version two"));
      assertThatThrownBy(() -> conditions.open(seen, 8).close())
          .isInstanceOfSatisfying(
              RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.NO_SUCH_OBJECT));
    }
  }

  private static S3Remote remote(S3Server server) {
    return new S3Remote(server.newBucket().settings(), new RecordingJournal(), Clock.systemUTC());
  }
}
