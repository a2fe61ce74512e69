package dev.caravan.remote.rsync;

import dev.caravan.contract.NetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.Remote;
import dev.caravan.remote.sftp.SftpPatience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

/** rsync to an OpenSSH server behind a bad network. */
class RsyncNetworkIT extends NetworkContract {

  private static final RsyncLimits HASTY =
      new RsyncLimits(Duration.ofMillis(50), STALL, Duration.ofSeconds(2), 8 << 20);

  @TempDir Path root;
  @TempDir Path known;

  @Override
  protected CountingProxy proxy() {
    return CountingProxy.ofBytes(SshServer.shared().port(Door.SHELL));
  }

  @Override
  protected Remote through(CountingProxy proxy) throws Exception {
    return RsyncSetup.over(
            SshServer.shared().place(Door.SHELL, root, proxy.endpoint().getPort(), known))
        .remote(HASTY, new SftpPatience(STALL, STALL.dividedBy(5)));
  }

  @Override
  protected byte[] stored(String key) throws Exception {
    return Files.readAllBytes(root.resolve(key));
  }

  @Override
  protected boolean checksWhatItReads() {
    return true;
  }
}
