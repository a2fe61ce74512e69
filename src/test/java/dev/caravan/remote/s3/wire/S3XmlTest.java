package dev.caravan.remote.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLStreamException;
import org.junit.jupiter.api.Test;

class S3XmlTest {

  @Test
  void elementsAreToldWithTheirParent() throws Exception {
    assertThat(read("<?xml version=\"1.0\"?><A xmlns=\"urn:x\"><B>1<C> t </C></B><B/></A>"))
        .containsExactly("B.C= t ", "A.B=", "A.B=", ".A=");
  }

  @Test
  void blanksBeforeTheDocumentAreWhatAServerSendsWhileItWorks() throws Exception {
    assertThat(read(" \n \r\n<?xml version=\"1.0\"?><A>x</A>")).containsExactly(".A=x");
  }

  @Test
  void aDocumentThatIsCutOffIsRefused() {
    assertThatThrownBy(() -> read("<A><B>1</B>")).isInstanceOf(XMLStreamException.class);
    assertThatThrownBy(() -> read("")).isInstanceOf(XMLStreamException.class);
  }

  @Test
  void noFileOfThisMachineCanBeAskedFor() {
    String file = "<!DOCTYPE A [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><A>&e;</A>";
    assertThatThrownBy(() -> read(file)).isInstanceOf(XMLStreamException.class);
  }

  @Test
  void entitiesThatGrowAreRefused() {
    String bomb = "<!DOCTYPE A [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><A>&b;</A>";
    assertThatThrownBy(() -> read(bomb)).isInstanceOf(XMLStreamException.class);
  }

  @Test
  void whatWasEscapedIsReadAgain() throws Exception {
    String text = "a<b>&\"c\"\n\t\rd😀";
    StringBuilder xml = new StringBuilder("<A>");
    S3Xml.escape(xml, text);
    assertThat(read(xml.append("</A>").toString())).containsExactly(".A=" + text);
  }

  @Test
  void someCharactersCannotBeCarried() {
    assertThat(S3Xml.canCarry("a\nb\tc\rd😀")).isTrue();
    assertThat(S3Xml.canCarry("a\u0001")).isFalse();
    assertThat(S3Xml.canCarry("a\uFFFE")).isFalse();
  }

  private static List<String> read(String xml) throws XMLStreamException, IOException {
    List<String> seen = new ArrayList<>();
    S3Xml.read(
        new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)),
        (parent, name, text) -> seen.add(parent + "." + name + "=" + text));
    return seen;
  }
}
