package dev.caravan.remote.dir;

import dev.caravan.config.DirSettings;
import dev.caravan.contract.RemoteContract;
import dev.caravan.remote.Remote;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.io.TempDir;

class DirRemoteTest extends RemoteContract {

  @TempDir Path root;

  @Override
  protected Remote fresh() {
    return open();
  }

  @Override
  public Remote open() {
    return new DirRemote(new DirSettings("disk", root, false), Clock.systemUTC());
  }

  @Override
  public long partSize() {
    return 1 << 20;
  }

  @Override
  public Instant kept(Instant modifiedAt) {
    boolean before1970 = modifiedAt.getEpochSecond() < 0;
    return before1970 ? modifiedAt.truncatedTo(ChronoUnit.SECONDS) : modifiedAt;
  }
}
