package dev.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreMarkerTest {
  private static final UUID ID = UUID.fromString("0f0e0d0c-0b0a-4908-8706-050403020100");

  @TempDir Path folder;
  private Path root;
  private StoreTree inside;
  private StoreTree outside;

  @BeforeEach
  void makeTrees() throws IOException {
    root = Files.createDirectory(folder.resolve("store"));
    inside = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
    outside = new StoreTree(root, folder.resolve("state"), Clock.systemUTC());
  }

  @Test
  void aMarkerInsideIsOneLine() throws Exception {
    assertThat(StoreMarker.read(inside)).isEmpty();

    StoreMarker made = StoreMarker.create(inside, ID);

    assertThat(StoreMarker.read(inside)).contains(made);
    assertThat(root.resolve(".caravan/store.id")).hasContent(ID + "\n");
    assertThat(made.disagreementWith(inside)).isEmpty();
  }

  @Test
  void aMarkerIsNeverReplaced() throws Exception {
    StoreMarker made = StoreMarker.create(inside, ID);

    assertThatThrownBy(() -> StoreMarker.create(inside, UUID.randomUUID()))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(StoreMarker.read(inside)).contains(made);
  }

  @Test
  void aMarkerOutsideNoticesAnotherFolder() throws Exception {
    StoreMarker.create(outside, ID);
    StoreMarker read = StoreMarker.read(outside).orElseThrow();
    assertThat(read.root()).isPresent();
    assertThat(read.disagreementWith(outside)).isEmpty();

    Files.move(root, folder.resolve("unmounted"));
    Files.createDirectory(root);

    assertThat(read.disagreementWith(outside).orElseThrow())
        .contains(root.toString(), "is another folder than before", "mount the right disk");
  }

  @Test
  void aFolderThatAPersonAgreedToIsKnownFromThenOn() throws Exception {
    StoreMarker.create(outside, ID);
    Files.move(root, folder.resolve("unmounted"));
    Files.createDirectory(root);

    StoreMarker.replace(outside, ID);

    StoreMarker read = StoreMarker.read(outside).orElseThrow();
    assertThat(read.id()).isEqualTo(ID);
    assertThat(read.disagreementWith(outside)).isEmpty();
  }

  @Test
  void nothingVouchesForAMissingStore() throws Exception {
    Files.delete(root);

    assertThatThrownBy(() -> StoreMarker.create(inside, ID))
        .isInstanceOf(StoreMissingException.class);
    assertThat(root).doesNotExist();
  }

  @Test
  void aDamagedMarkerIsAnError() throws Exception {
    Path file = Files.createDirectory(root.resolve(".caravan")).resolve("store.id");
    for (String content : new String[] {"", "\n", "no uuid\n", ID + "\nroot inode=x type=y\n"}) {
      Files.writeString(file, content);

      assertThatThrownBy(() -> StoreMarker.read(inside))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is not a store marker");
    }
  }
}
