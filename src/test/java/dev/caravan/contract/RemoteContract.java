package dev.caravan.contract;

import dev.caravan.remote.Remote;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every remote promises. A provider's test extends this class, says how a remote is made, and
 * what that remote cannot hold.
 */
public abstract class RemoteContract
    implements ContentContract,
        NameContract,
        ListingContract,
        CopyContract,
        TraitContract,
        FailureContract {

  private Remote remote;

  /** Opens a remote at a place of its own that holds nothing yet; closed by the suite. */
  protected abstract Remote fresh() throws Exception;

  @BeforeEach
  void beginAtAnEmptyPlace() throws Exception {
    remote = fresh();
    remote.probe();
  }

  @AfterEach
  void closeTheRemote() {
    remote.close();
  }

  @Override
  public Remote remote() {
    return remote;
  }

  @Override
  public boolean canHold(String key) {
    return true;
  }

  @Override
  public Instant kept(Instant modifiedAt) {
    return modifiedAt;
  }

  @Override
  public List<String> secrets() {
    return List.of();
  }
}
