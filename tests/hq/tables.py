"""CSV files as headquarters imports them, small."""

from pathlib import Path

PRODUCTS = (
    "plu,sku,name,short,pole,price_fen,class,category,cost_fen,key,barcode,member_price_fen,"
    "swap_price_fen,limit_per,limit_qty,limit_who,unit,scale_prefix,scale_item,scale_field,"
    "exchange_group,stock,min,max,shop,serial_first,serial_last"
)
STAFF = "no,name,role,title,badge,shop"
CARDS = (
    "row,id,first,last,card,name,phone,birthday,joined,term_ends,status,kind,staff,"
    "profile_complete,points,principal_fen,bonus_fen,shop"
)


def products_csv(path: Path, *, price: int = 6800, shop: str = "0001") -> Path:
    """Two articles and a pile of serial-numbered cards."""
    lines = [
        PRODUCTS,
        f"1,ZZ-001,水漾保湿洁面乳 120g,保湿洁面乳,CLEANSER,{price},regular,护肤,2380,true,"
        f"6901234100013,,,,,,piece,,,,,36,6,60,{shop},,",
        f"20,SOAP,手工皂,手工皂,SOAP,28,regular,散装,9,no,,,,,,,g,21,00020,price_fen,,5000,,,"
        f"{shop},,",
        f",CARD,空白卡,,,,stock,,,,,,,,,,piece,,,,,10,,,{shop},8800000001015,8800000001024",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def staff_csv(path: Path, *, shop: str = "0001") -> Path:
    lines = [STAFF, f"01,李梅,manager,店长,2900000000018,{shop}", f"02,陈静,clerk,导购,,{shop}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def cards_csv(path: Path, *, shop: str = "0001", status: str = "active") -> Path:
    """A range and two members: 620 and 150 points, 500.00 of principal, 20.00 of bonus."""
    lines = [
        CARDS,
        "range,,8800000000000,8800000099999,,,,,,,,registered,,,,,,",
        f"member,M1,,,8800000000018,王晓芸,13800000001,1990-03-01,2025-05-05,2026-05-05,{status},"
        f"registered,,true,620,0,0,{shop}",
        f"member,M4,,,8800000000049,欧阳雪,13800000004,1992-03-20,2025-08-02,2026-08-02,active,"
        f"registered,,true,150,50000,2000,{shop}",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
