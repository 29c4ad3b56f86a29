"""Tables from which the names, places and addresses of invented people are put together.

Owns words only. Surnames are the commonest in the country, so that no combination points at anybody;
pharmacies and hospitals are made up and must stay so: never put a real institution here.
"""

from __future__ import annotations

# Surnames by frequency, then the two-character ones.
SURNAMES = tuple(
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
)
COMPOUND_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "令狐", "慕容")

# fmt: off
GIVEN_MALE = (
    "伟", "强", "磊", "军", "勇", "涛", "明", "超", "刚", "鹏",
    "辉", "建国", "建军", "志强", "国强", "永强", "俊杰", "浩然", "子轩", "文博",
    "海涛", "金山", "长青", "福生", "德胜", "玉柱", "天佑", "一鸣", "新民", "景明",
)
GIVEN_FEMALE = (
    "芳", "娜", "敏", "静", "丽", "艳", "娟", "霞", "秀英", "桂英",
    "玉兰", "秀兰", "桂兰", "淑珍", "凤英", "翠花", "雅婷", "欣怡", "梦洁", "思琪",
    "雨涵", "晓燕", "春梅", "红霞", "爱华", "素琴", "若曦", "诗韵", "佳宁", "清秋",
)
# fmt: on

# (name, sex, nation code of GB/T 3304: docs/protocols.md section 2.3)
MINORITY_NAMES = (
    ("阿依古丽·买买提", "female", "05"),
    ("古丽娜尔·阿不都热依木", "female", "05"),
    ("买买提江·阿卜杜拉", "male", "05"),
    ("热孜万古丽·艾合买提", "female", "05"),
    ("努尔兰·哈布德勒", "male", "17"),
    ("扎西次仁", "male", "04"),
    ("卓玛央金", "female", "04"),
    ("乌云其木格", "female", "02"),
    ("苏和巴特尔", "male", "02"),
    ("金顺姬", "female", "10"),
    ("马国良", "male", "03"),
    ("白玉琴", "female", "03"),
    ("沙马·尔布", "male", "07"),
    ("韦春柳", "female", "08"),
    ("佟佳慧", "female", "11"),
)

# Characters that GBK does not have (four bytes in GB 18030: Extensions A to E), and rare ones that it has.
# fmt: off
RARE_GIVEN = (
    "㛃", "䶮", "𠅤", "𣲗", "𬍛", "𬀩", "𫖯", "𬭎", "𬱖", "玉㻬",
    "子𬤊", "小𫍯", "喆", "堃", "翀", "珺",
)
# fmt: on

# Divisions of Zhengzhou with what stands on an ID card (docs/protocols.md section 3.4).
DISTRICTS = {
    "410102": "中原区",
    "410103": "二七区",
    "410104": "管城回族区",
    "410105": "金水区",
    "410106": "上街区",
    "410108": "惠济区",
    "410122": "中牟县",
    "410181": "巩义市",
    "410182": "荥阳市",
    "410183": "新密市",
    "410184": "新郑市",
    "410185": "登封市",
}
ELSEWHERE = {
    "410302": ("河南省洛阳市老城区", "洛阳市公安局"),
    "410202": ("河南省开封市龙亭区", "开封市公安局"),
    "411302": ("河南省南阳市宛城区", "南阳市公安局"),
    "340102": ("安徽省合肥市瑶海区", "合肥市公安局"),
    "610102": ("陕西省西安市新城区", "西安市公安局"),
    "370102": ("山东省济南市历下区", "济南市公安局"),
    "830000": ("河南省郑州市金水区", "郑州市公安局出入境管理支队"),
    "653101": ("新疆喀什地区喀什市", "喀什市公安局"),
}
STREETS = ("示例路", "样本街", "虚构里", "模拟巷", "测试大道")

# Invented, every one of them.
PHARMACIES = ("星禾大药房三店", "槐序大药房", "麦浪医药超市", "云朵大药房九店", "百穗堂药店", "晴川大药房")
CLINICS = ("麦田里社区卫生服务中心", "云桥综合门诊部", "星河口腔门诊部", "银杏湾社区卫生服务站")
HOSPITALS = ("郑州星禾医院", "郑州云桥医院", "麦田里康复医院")
EMPLOYER = "单位缴费"
POOL = "统筹基金划入"

BANKS = ("ccb", "icbc", "abc", "boc", "bocom", "psbc", "zzb", "zyb")
"""Codes of issuing banks; their names stand in the policy pack."""
