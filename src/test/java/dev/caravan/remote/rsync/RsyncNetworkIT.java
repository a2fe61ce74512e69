package dev.caravan.remote.rsync;

import dev.caravan.contract.SshNetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.remote.Remote;
import dev.caravan.remote.sftp.SftpPatience;
import java.time.Duration;

/** rsync to an OpenSSH server behind a bad network. */
class RsyncNetworkIT extends SshNetworkContract {

  private static final RsyncLimits HASTY =
      new RsyncLimits(Duration.ofMillis(50), STALL, Duration.ofSeconds(2), 8 << 20);

  @Override
  protected Remote through(CountingProxy proxy) throws Exception {
    return RsyncSetup.over(place(proxy)).remote(HASTY, new SftpPatience(STALL, STALL.dividedBy(5)));
  }
}
