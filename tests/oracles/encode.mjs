// A receipt by receipt-printer-encoder: its bytes, in hex, on standard output.
import ReceiptPrinterEncoder from "@point-of-sale/receipt-printer-encoder";

const [columns] = process.argv.slice(2).map(Number);
const picture = { width: 64, height: 16, data: new Uint8ClampedArray(64 * 16 * 4).fill(0) };
for (let at = 0; at < picture.data.length; at += 8) picture.data[at + 3] = 255;

const bytes = new ReceiptPrinterEncoder({ language: "esc-pos", columns, imageMode: "raster" })
  .initialize()
  .align("center").bold(true).size(2, 2).line("ZHENZI").size(1, 1).bold(false).align("left")
  .codepage("cp858").line("café 12.00")
  .underline(true).line("under").underline(false)
  .invert(true).line("inverse").invert(false)
  .table(
    [{ width: columns - 12, align: "left" }, { width: 12, align: "right" }],
    [["Cream", "120.00"], ["Mask", "30.00"]],
  )
  .qrcode("MB1|0018|412", { model: 2, size: 5, errorlevel: "m" })
  .image(picture, 64, 16, "threshold")
  .pulse(0, 50, 250)
  .cut("partial")
  .encode();
process.stdout.write(Buffer.from(bytes).toString("hex"));
