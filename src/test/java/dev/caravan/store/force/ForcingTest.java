package dev.caravan.store.force;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForcingTest {

  @TempDir Path folder;

  @Test
  void whatBefallsOneOfManyIsToldOfThatOne() throws Exception {
    List<FileChannel> channels = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      channels.add(written("f" + i));
    }
    channels.get(7).close();
    channels.get(150).close();

    List<Optional<IOException>> faults = Forcing.all(channels);

    assertThat(faults).hasSize(200);
    for (int i = 0; i < 200; i++) {
      assertThat(faults.get(i).isPresent()).as("f%d", i).isEqualTo(i == 7 || i == 150);
      channels.get(i).close();
    }
    assertThat(faults.get(7)).containsInstanceOf(ClosedChannelException.class);
  }

  /** An interruption that met a force would close the file under it. */
  @Test
  void anInterruptedThreadForcesAllAndStaysInterrupted() throws Exception {
    List<FileChannel> channels = List.of(written("a"), written("b"), written("c"));

    Thread.currentThread().interrupt();
    List<Optional<IOException>> faults = Forcing.all(channels);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(faults).allSatisfy(fault -> assertThat(fault).isEmpty());
    for (FileChannel channel : channels) {
      assertThat(channel.isOpen()).isTrue();
      channel.close();
    }
  }

  private FileChannel written(String name) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.write(ByteBuffer.wrap(new byte[100]));
    return channel;
  }
}
