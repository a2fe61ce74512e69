package dev.caravan.snapshot.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.memory.MemoryRemote;
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

  private PrefixClaim claim(String prefix) {
    return new PrefixClaim(place, prefix, () -> bucket);
  }
}
