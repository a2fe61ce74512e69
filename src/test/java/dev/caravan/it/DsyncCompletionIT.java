package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.it.CompletionFaults.Fault;
import dev.caravan.lab.FakeAlpha;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The end of an upload in parts, which dsync was bitten by: the object decides, not the answer. */
class DsyncCompletionIT {

  private static final int BYTES = 40 << 20;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Fault.class)
  void anUploadWhoseCompletionIsInDoubtIsLookedForAndNotSentAgain(Fault fault) throws Exception {
    try (DsyncSetup dsync = new DsyncSetup(folder);
        CompletionFaults between =
            new CompletionFaults(dsync.bucket().endpoint().orElseThrow().getPort(), fault)) {
      dsync.endpoint("127.0.0.1:" + between.port());
      try (CaravanProcess caravan = dsync.start(dsync.caravan())) {
        String id = dsync.export();
        // Not packed: as if the cluster encrypted it.
        byte[] content = new byte[BYTES];
        new Random(7).nextBytes(content);
        content[0] = 1;
        Path dir = dsync.alpha().write(FakeAlpha.folder(12), "g01.schema.gz");
        Files.write(dir.resolve("g01.rdf.gz"), content);
        dsync.alpha().task(id, "Success");
        DsyncSetup.await(caravan, "\"done\"");
        assertThat(between.happened()).as("the fault happened").isEqualTo(1);
        assertThat(between.begun()).as("sent once").isEqualTo(1);
        Map<String, byte[]> objects = dsync.objects();
        assertThat(objects).hasSize(3);
        assertThat(objects.getOrDefault("transformer.rdf.gz", new byte[0])).isEqualTo(content);
        assertThat(dsync.uploadsLeft()).isZero();
        assertThat(dir).doesNotExist();
      }
    }
  }
}
