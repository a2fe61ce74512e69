package dev.caravan.snapshot.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.Remote.Conditions;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.memory.MemoryRemote;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A prefix has one source. */
class PrefixClaimTest {

  private final MemoryRemote place = new MemoryRemote("place");
  private final MemoryRemote bucket = new MemoryRemote("bucket");

  @Test
  void theFirstSourceGetsItAndKeepsIt() throws Exception {
    claim("").take("me");
    claim("").take("me");
    assertThatThrownBy(() -> claim("").take("you"))
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.FOREIGN))
        .hasMessageContaining("'me'")
        .hasMessageContaining("'you'");
    claim("").take("me");
  }

  @Test
  void aPrefixWithinAnotherIsToldThere() throws Exception {
    claim("team/pvc").take("me");
    assertThat(bucket.find(new ObjectKey(".caravan/prefixes/team/pvc"))).isPresent();
    assertThat(bucket.find(new ObjectKey("team/.caravan/prefixes/pvc"))).isPresent();
    assertThat(new PrefixClaim(bucket, "", () -> bucket).inner()).containsExactly("team/pvc");
  }

  @Test
  void whatLiesWithinAnothersPrefixAndIsInUseIsRefused() throws Exception {
    bucket.put(new ObjectKey("team/.caravan/store.id"), new TextContent("you\n"));
    place.put(new ObjectKey("file"), new TextContent("theirs"));
    assertThatThrownBy(() -> claim("team/pvc").take("me"))
        .hasMessageContaining("lies within the prefix of another source");
    assertThat(place.find(new ObjectKey(".caravan/store.id"))).isEmpty();
    assertThat(bucket.find(new ObjectKey(".caravan/prefixes/team/pvc"))).isEmpty();
    assertThat(bucket.find(new ObjectKey("team/.caravan/prefixes/pvc"))).isEmpty();
  }

  @Test
  void ofTwoThatTakeItAtTheSameMomentOnlyOneFindsItsNameLater() throws Exception {
    claim("").take("me");
    place.put(new ObjectKey(".caravan/store.id"), new TextContent("you\n"));
    claim("").ensureTaken("you");
    assertThatThrownBy(() -> claim("").ensureTaken("me"))
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.FOREIGN))
        .hasMessageContaining("'you'");
  }

  @Test
  void aLongNameIsKnownAgain() throws Exception {
    String name = "\u00e4\u20ac".repeat(100);
    claim("").take(name);
    claim("").take(name);
  }

  @Test
  void filesOfNobodyAreTakenOver() throws Exception {
    place.put(new ObjectKey("file"), new TextContent("of the upstream image"));
    claim("team").take("me");
    assertThat(place.find(new ObjectKey(".caravan/store.id"))).isPresent();
  }

  @Test
  void ofTwoThatTakeItAtTheSameMomentTheRemoteLetsOne() throws Exception {
    List<String> asked = new ArrayList<>();
    PrefixClaim late =
        new PrefixClaim(judging(asked, () -> claim("").take("you")), "", () -> bucket);

    assertThatThrownBy(() -> late.take("me"))
        .isInstanceOfSatisfying(
            RemoteException.class,
            e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.FOREIGN))
        .hasMessageContaining("'you'");

    assertThat(asked).containsExactly("create");
    claim("").ensureTaken("you");
  }

  @Test
  void whereTheRemoteDoesNotJudgeTheMarkerIsWrittenAndReadAgain() throws Exception {
    List<String> asked = new ArrayList<>();
    Remote plain =
        proxy(
            Remote.class,
            (self, method, arguments) -> {
              if (method.getName().equals("conditions")) {
                return Optional.empty();
              }
              asked.add(method.getName());
              return method.invoke(place, arguments);
            });

    new PrefixClaim(plain, "", () -> bucket).take("me");

    assertThat(asked).containsSubsequence("find", "put", "find", "open");
    claim("").ensureTaken("me");
  }

  private interface Step {
    void run() throws Exception;
  }

  /** Lets somebody else come in between the look and the creation. */
  private Remote judging(List<String> asked, Step between) {
    Conditions conditions =
        proxy(
            Conditions.class,
            (self, method, arguments) -> {
              asked.add(method.getName());
              between.run();
              return method.invoke(place.conditions().orElseThrow(), arguments);
            });
    return proxy(
        Remote.class,
        (self, method, arguments) -> {
          assertThat(method.getName()).isNotEqualTo("put");
          return method.getName().equals("conditions")
              ? Optional.of(conditions)
              : method.invoke(place, arguments);
        });
  }

  private static <T> T proxy(Class<T> kind, InvocationHandler handler) {
    return kind.cast(Proxy.newProxyInstance(kind.getClassLoader(), new Class<?>[] {kind}, handler));
  }

  private PrefixClaim claim(String prefix) {
    return new PrefixClaim(place, prefix, () -> bucket);
  }
}
